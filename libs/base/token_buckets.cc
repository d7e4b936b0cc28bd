#include "base/token_buckets.h"

#include <algorithm>

#include "base/keyed_hash.h"

namespace base {

namespace {

constexpr std::chrono::nanoseconds::rep kSecond = 1'000'000'000;

}  // namespace

TokenBuckets::TokenBuckets(Rate rate, std::size_t keys_max)
    : rate_(rate),
      interval_(
          std::max<Nanoseconds>(1, kSecond / static_cast<Nanoseconds>(std::max<std::uint64_t>(1, rate.per_second)))),
      tolerance_(interval_ * static_cast<Nanoseconds>(std::max<std::uint64_t>(1, rate.burst))),
      sets_(std::max<std::size_t>(1, (keys_max + kWays - 1) / kWays)) {}

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
  const Nanoseconds full_at = std::max(slot.full_at, time) + interval_;
  const Nanoseconds late = full_at - time - tolerance_;
  if (late > 0) return {.allowed = false, .retry_after = std::chrono::nanoseconds(late)};
  if (take) slot.full_at = full_at;
  return {};
}

}  // namespace base
