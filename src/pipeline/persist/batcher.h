// Decides when a batch is full enough, old enough, or need not wait. Pure; one thread; the caller passes the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/bounds.h"
#include "base/clock.h"

namespace message_service {

enum class FlushReason { size, interval, idle, shutdown };

class Batcher {
 public:
  struct Options {
    std::size_t size = 50;  // reason enough to write
    static constexpr base::Bounds<std::size_t> size_bounds{1, 100'000};
    std::size_t size_max = 1000;  // the size to which a batch may grow while the one before is being written
    static constexpr base::Bounds<std::size_t> size_max_bounds{1, 100'000};
    std::chrono::milliseconds interval = std::chrono::milliseconds(1000);
    static constexpr base::Bounds<std::chrono::milliseconds> interval_bounds{std::chrono::milliseconds(1),
                                                                             std::chrono::minutes(10)};
    bool when_idle = true;
    std::size_t bytes =
        std::size_t{16} << 20;  // of records, reason enough to write: records of other programs may be large
  };

  explicit Batcher(const Options& options) : options_(options) {}

  // How many more records the batch takes.
  std::size_t room() const { return options_.size_max - std::min(options_.size_max, count_); }

  void add(std::size_t count, std::size_t bytes, base::SteadyTime now) {
    if (count_ == 0 && count > 0) oldest_ = now;
    count_ += count;
    bytes_ += bytes;
  }

  // Until when to wait for more records. `idle_until` when there are none yet.
  base::SteadyTime wait_until(base::SteadyTime now, base::SteadyTime idle_until) const {
    if (count_ == 0) return idle_until;
    if (options_.when_idle || is_large()) return now;
    return oldest_ + options_.interval;
  }

  // `idle`: the log had nothing more to read just now.
  std::optional<FlushReason> due(base::SteadyTime now, bool idle) const {
    if (count_ == 0) return std::nullopt;
    if (is_large()) return FlushReason::size;
    if (now >= oldest_ + options_.interval) return FlushReason::interval;
    if (idle && options_.when_idle) return FlushReason::idle;
    return std::nullopt;
  }

  void flushed() { count_ = bytes_ = 0; }

 private:
  bool is_large() const { return count_ >= options_.size || bytes_ >= options_.bytes; }

  Options options_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  base::SteadyTime oldest_{};
};

}  // namespace message_service
