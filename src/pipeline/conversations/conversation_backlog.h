// The conversations that have more messages waiting for their members on this node than they may. The service slows
// their senders, and no other senders. The end of the fan-out keeps the list; ingress reads it for each message.
//
// Owned by the service; any thread. Holds as many conversations as have a long backlog; the fan-out's credits bound
// their number.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace message_service {

class ConversationBacklog {
 public:
  static constexpr std::string_view kReason = "conversation-backlog";  // of a refusal

  // Call begin() when one shard has a long backlog of the conversation, and end() when it has none any more; in pairs.
  void begin(const std::string& conversation_id) {
    const std::scoped_lock lock(mutex_);
    ++shards_[conversation_id];
    conversations_.store(shards_.size(), std::memory_order_relaxed);
  }
  void end(const std::string& conversation_id) {
    const std::scoped_lock lock(mutex_);
    const auto found = shards_.find(conversation_id);
    if (found == shards_.end() || --found->second > 0) return;
    shards_.erase(found);
    conversations_.store(shards_.size(), std::memory_order_relaxed);
  }

  // Costs next to nothing while no conversation has a long backlog.
  bool is_long(std::string_view conversation_id) const {
    if (conversations_.load(std::memory_order_relaxed) == 0) return false;
    const std::scoped_lock lock(mutex_);
    return shards_.contains(conversation_id);
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::atomic<std::size_t> conversations_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> shards_;
};

}  // namespace message_service
