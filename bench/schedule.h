// The intended time of each request of an open loop: `rate` a second over all threads, evenly, regardless of the
// server. Latency counts from these times, so a server that stalls cannot hide the requests that waited for it. A
// value; computed from the number of the request, so rounding never adds up.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace message_service::bench {

class Schedule {
 public:
  // This thread's requests interleave with those of the other threads.
  Schedule(base::SteadyTime start, double rate_per_second, std::uint32_t thread, std::uint32_t threads)
      : start_(start), interval_s_(1 / rate_per_second), thread_(thread), threads_(threads) {}

  // The time of this thread's request n, counted from 0.
  base::SteadyTime intended(std::uint64_t n) const {
    const std::chrono::duration<double> after(static_cast<double>(n * threads_ + thread_) * interval_s_);
    return start_ + std::chrono::duration_cast<base::SteadyClock::duration>(after);
  }

 private:
  base::SteadyTime start_;
  double interval_s_;
  std::uint64_t thread_, threads_;
};

}  // namespace message_service::bench
