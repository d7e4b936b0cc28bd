// When a batch is full enough, old enough, or need not wait. Pure; one thread; time is given.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace message_service {

enum class FlushReason { size, interval, idle, shutdown };

class Batcher {
 public:
  struct Options {
    std::size_t size = 50;        // reason enough to write
    std::size_t size_max = 1000;  // what a batch may grow to while the one before is being written
    std::chrono::milliseconds interval = std::chrono::milliseconds(1000);
    bool when_idle = true;
  };

  explicit Batcher(const Options& options) : options_(options) {}

  // How many more records the batch takes.
  std::size_t room() const { return options_.size_max - std::min(options_.size_max, count_); }

  void add(std::size_t count, SteadyTime now) {
    if (count_ == 0 && count > 0) oldest_ = now;
    count_ += count;
  }

  // Until when to wait for more records. `idle_until` when there are none yet.
  SteadyTime wait_until(SteadyTime now, SteadyTime idle_until) const {
    if (count_ == 0) return idle_until;
    if (options_.when_idle || count_ >= options_.size) return now;
    return oldest_ + options_.interval;
  }

  // `idle`: the log had nothing more to read just now.
  std::optional<FlushReason> due(SteadyTime now, bool idle) const {
    if (count_ == 0) return std::nullopt;
    if (count_ >= options_.size) return FlushReason::size;
    if (now >= oldest_ + options_.interval) return FlushReason::interval;
    if (idle && options_.when_idle) return FlushReason::idle;
    return std::nullopt;
  }

  void flushed() { count_ = 0; }

 private:
  Options options_;
  std::size_t count_ = 0;
  SteadyTime oldest_{};
};

}  // namespace message_service
