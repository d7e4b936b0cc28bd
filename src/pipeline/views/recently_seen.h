// Counts the different names of the last minute, in bounded memory. The caller locks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/keyed_hash.h"

namespace message_service {

class RecentlySeen {
 public:
  void note(std::string_view name, base::SteadyTime now) {
    if (seen_.size() >= kNamesMax && prune(now) >= kNamesMax) return;
    seen_.insert_or_assign(base::keyed_hash(name), now);
  }

  // At most kNamesMax.
  std::size_t count(base::SteadyTime now) { return prune(now); }

 private:
  static constexpr std::size_t kNamesMax = 20'000;
  static constexpr auto kRecently = std::chrono::minutes(1);

  std::size_t prune(base::SteadyTime now) {
    if (now - pruned_at_ >= std::chrono::seconds(1)) {
      pruned_at_ = now;
      std::erase_if(seen_, [&](const auto& entry) { return now - entry.second >= kRecently; });
    }
    return seen_.size();
  }

  std::unordered_map<std::uint64_t, base::SteadyTime> seen_;  // by keyed hash
  base::SteadyTime pruned_at_{};
};

}  // namespace message_service
