// A log line for an event that may occur thousands of times a second. The first event is written, and then at most one
// a minute, with the number of events since the last line.
//
// Usually a static variable of the place that writes it. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "logging/logging.h"

namespace logging {

class RareLine {
 public:
  explicit RareLine(Level level, std::chrono::milliseconds interval = std::chrono::minutes(1))
      : level_(level), interval_ms_(interval.count()) {}

  void write(std::string_view text);

 private:
  const Level level_;
  const std::int64_t interval_ms_;
  std::atomic<std::int64_t> next_ms_ = 0;
  std::atomic<std::uint64_t> since_ = 0;  // events that have no line of their own
};

}  // namespace logging
