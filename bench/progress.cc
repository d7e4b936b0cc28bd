#include "bench/progress.h"

#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace message_service::bench {

ProgressLine::ProgressLine(std::string label, bool quiet)
    : label_(std::move(label)), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const Figures& figures) {
  if (quiet_) return;
  const double passed_s = first_ ? 1 : figures.elapsed_s - last_elapsed_s_;
  const double rate = static_cast<double>(figures.answered - last_answered_) / passed_s;
  first_ = false;
  last_elapsed_s_ = figures.elapsed_s;
  last_answered_ = figures.answered;
  const bool warming_up = std::lround(figures.elapsed_s) <= 0;
  std::array<char, 200> line;
  std::snprintf(line.data(), line.size(), "%4.0f s%s  %8.0f requests/s  p50 %8.3f ms  p99 %8.3f ms  errors %llu",
                std::abs(figures.elapsed_s), warming_up ? " to go, warming up" : "", rate,
                static_cast<double>(figures.p50_ns) / 1e6, static_cast<double>(figures.p99_ns) / 1e6,
                static_cast<unsigned long long>(figures.errors));
  show(std::string(line.data()));
}

void ProgressLine::show(const std::string& line) {
  if (quiet_) return;
  std::fprintf(stderr, "%s%s%s%s%s", terminal_ ? "\r\033[K" : "", label_.c_str(), label_.empty() ? "" : "  ",
               line.c_str(), terminal_ ? "" : "\n");
  open_ = terminal_;
}

void ProgressLine::finish() {
  if (open_) std::fputc('\n', stderr);
  open_ = false;
}

}  // namespace message_service::bench
