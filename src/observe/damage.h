// Counts the stored data and the events that cannot be read, each time that a reader leaves them out. The log names
// them, within bounds.
//
// One for each process; shared by the adapters that read. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "observe/metrics.h"

namespace message_service {

class Damage {
 public:
  Damage() = default;  // counts in no metric
  explicit Damage(const telemetry::CounterFamily& counter) : counter_(counter) {}

  // `what` is one of few words: a collection, "events". `text` names the row, its field, and the fault.
  void left_out(std::string_view what, const std::string& text);

  // For readiness: how much damage was met within the last minutes. Empty when none was.
  std::string standing() const;

 private:
  bool may_log(const std::string& text, base::SteadyTime now);

  telemetry::CounterFamily counter_;
  mutable std::mutex mutex_;
  std::map<std::string, base::SteadyTime> named_;  // the texts that the log has named, and when
  base::SteadyTime minute_begins_{};
  int lines_ = 0;             // of this minute
  std::uint64_t silent_ = 0;  // left out without a line since the last line
  std::uint64_t recent_ = 0;
  base::SteadyTime last_{};
};

}  // namespace message_service
