// The last sequence of each recently used conversation, and that of its last change of participants. The database finds
// forgotten ones in its rows. Any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/keyed_hash.h"

namespace message_service::embedded {

class LastSequences {
 public:
  static constexpr std::size_t kEntriesMax = 100'000;

  struct Last {
    std::uint64_t entry = 0;   // 0: the conversation is empty
    std::uint64_t change = 0;  // 0: there was none
  };

  std::optional<Last> find(const std::string& conversation_id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_conversation_.find(conversation_id);
    return found == by_conversation_.end() ? std::nullopt : std::optional(found->second);
  }

  // Called after the rows up to there are written, and by their writer only: what a reader saw may be old by the time
  // of its call.
  void remember(const std::string& conversation_id, const Last& last) {
    const std::scoped_lock lock(mutex_);
    if (by_conversation_.size() >= kEntriesMax) by_conversation_.clear();
    Last& known = by_conversation_[conversation_id];
    known.entry = std::max(known.entry, last.entry);
    known.change = std::max(known.change, last.change);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Last, base::KeyedHash, std::equal_to<>> by_conversation_;
};

}  // namespace message_service::embedded
