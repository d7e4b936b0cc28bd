// The last sequence of each recently used conversation. It is the sequence of the conversation's last row, so it need
// not be stored: the database finds a forgotten sequence there. Any thread.
#pragma once

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

  std::optional<std::uint64_t> find(const std::string& conversation_id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_conversation_.find(conversation_id);
    return found == by_conversation_.end() ? std::nullopt : std::optional(found->second);
  }

  // Called after the rows up to `sequence` are written, and by their writer only: a sequence that a reader saw may be
  // old by the time of its call.
  void remember(const std::string& conversation_id, std::uint64_t sequence) {
    const std::scoped_lock lock(mutex_);
    if (by_conversation_.size() >= kEntriesMax) by_conversation_.clear();
    std::uint64_t& known = by_conversation_[conversation_id];
    if (sequence > known) known = sequence;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t, base::KeyedHash, std::equal_to<>> by_conversation_;
};

}  // namespace message_service::embedded
