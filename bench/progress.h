// The line that a person watches during a run, shown on stderr once a second: rewritten in place on a terminal, a new
// plain line each time otherwise. The run owns it; one thread.
#pragma once

#include <cstdint>
#include <string>

namespace message_service::bench {

class ProgressLine {
 public:
  struct Figures {
    double elapsed_s = 0;        // negative during the warm-up
    std::uint64_t answered = 0;  // since the start of the run
    std::uint64_t errors = 0;    // since the start of the run
    std::uint64_t p50_ns = 0, p99_ns = 0;
  };

  ProgressLine(std::string label, bool quiet);

  void show(const Figures& figures);
  void show(const std::string& line);
  // Ends the line on a terminal, so that later output begins on a new line.
  void finish();

 private:
  const std::string label_;
  const bool quiet_, terminal_;
  bool open_ = false;
  double last_elapsed_s_ = 0;
  bool first_ = true;
  std::uint64_t last_answered_ = 0;
};

}  // namespace message_service::bench
