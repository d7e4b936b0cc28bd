// Delays between attempts: exponential with jitter, so that many callers that fail together do not retry together. A
// value; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace base {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), ceiling_(first), random_(std::random_device{}()) {}

  // Returns a delay between half of the present ceiling and all of it. The ceiling doubles, up to `longest`.
  std::chrono::milliseconds next() {
    std::uniform_int_distribution<std::int64_t> wait(ceiling_.count() / 2, ceiling_.count());
    ceiling_ = std::min(ceiling_ * 2, longest_);
    return std::chrono::milliseconds(wait(random_));
  }

  void reset() { ceiling_ = first_; }

 private:
  std::chrono::milliseconds first_, longest_, ceiling_;
  std::minstd_rand random_;
};

}  // namespace base
