// Token buckets of many keys in fixed memory: how much each key may do now. A bucket is one number, the time at which
// it will be full again (the generic cell rate algorithm, ITU-T I.371, Annex A).
//
// Any thread. A key that does not fit takes the place of one whose bucket is fullest among eight; that one begins anew.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace base {

class TokenBuckets {
 public:
  struct Rate {
    std::uint64_t per_second = 1;
    std::uint64_t burst = 1;  // the size of a bucket
  };
  struct Verdict {
    bool allowed = true;
    std::chrono::nanoseconds retry_after{};  // until one token is there; zero when allowed
  };

  TokenBuckets(Rate rate, std::size_t keys_max);

  // Takes a token, when there is one.
  Verdict take(std::string_view key, SteadyTime now) { return ask(key, now, true); }
  // The same without taking it.
  Verdict look(std::string_view key, SteadyTime now) { return ask(key, now, false); }

  Rate rate() const;
  // Buckets keep the time at which they will be full.
  void set_rate(Rate rate);

 private:
  using Nanoseconds = std::chrono::nanoseconds::rep;
  struct Slot {
    std::uint64_t key = 0;
    Nanoseconds full_at = 0;  // 0: nobody's
  };
  static constexpr std::size_t kWays = 8;
  using Set = std::array<Slot, kWays>;

  Verdict ask(std::string_view key, SteadyTime now, bool take);
  static Slot& slot_of(Set& set, std::uint64_t key);

  // A reader may see parts of two rates, once.
  std::atomic<std::uint64_t> per_second_, burst_;
  std::atomic<Nanoseconds> interval_;   // between two tokens
  std::atomic<Nanoseconds> tolerance_;  // how far ahead of now a bucket may be full again
  std::array<std::mutex, 64> mutexes_;
  std::vector<Set> sets_;
};

}  // namespace base
