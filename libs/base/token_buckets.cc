#include "base/token_buckets.h"

#include <algorithm>

#include "base/keyed_hash.h"

namespace base {

namespace {

constexpr std::chrono::nanoseconds::rep kSecond = 1'000'000'000;

}  // namespace

TokenBuckets::TokenBuckets(Rate rate, std::size_t keys_max)
    : sets_(std::max<std::size_t>(1, (keys_max + kWays - 1) / kWays)) {
  set_rate(rate);
}

TokenBuckets::Rate TokenBuckets::rate() const {
  return {.per_second = per_second_.load(std::memory_order_relaxed), .burst = burst_.load(std::memory_order_relaxed)};
}

void TokenBuckets::set_rate(Rate rate) {
  const Nanoseconds interval =
      std::max<Nanoseconds>(1, kSecond / static_cast<Nanoseconds>(std::max<std::uint64_t>(1, rate.per_second)));
  per_second_.store(rate.per_second, std::memory_order_relaxed);
  burst_.store(rate.burst, std::memory_order_relaxed);
  interval_.store(interval, std::memory_order_relaxed);
  tolerance_.store(interval * static_cast<Nanoseconds>(std::max<std::uint64_t>(1, rate.burst)),
                   std::memory_order_relaxed);
}

TokenBuckets::Slot& TokenBuckets::slot_of(Set& set, std::uint64_t key) {
  const auto known = std::ranges::find(set, key, &Slot::key);
  if (known != set.end()) return *known;
  Slot& fullest = *std::ranges::min_element(set, {}, &Slot::full_at);
  fullest = {.key = key, .full_at = 0};
  return fullest;
}

TokenBuckets::Verdict TokenBuckets::ask(std::string_view key, SteadyTime now, bool take) {
  const std::uint64_t hash = keyed_hash(key);
  const std::size_t place = hash % sets_.size();
  const Nanoseconds time = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  const std::scoped_lock lock(mutexes_[place % mutexes_.size()]);
  Slot& slot = slot_of(sets_[place], hash);
  const Nanoseconds full_at = std::max(slot.full_at, time) + interval_.load(std::memory_order_relaxed);
  const Nanoseconds late = full_at - time - tolerance_.load(std::memory_order_relaxed);
  if (late > 0) return {.allowed = false, .retry_after = std::chrono::nanoseconds(late)};
  if (take) slot.full_at = full_at;
  return {};
}

}  // namespace base
