// Remembers which clients have sent messages by their connection lately. A later rejection goes to the sender, which
// need not be a member of the conversation.
//
// Owned by Delivery; any thread. Bounded: forgets the oldest first. Where two clients have sent one key, the later one
// is its sender: the first one's message is the one that may be stored.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "model/ids.h"
#include "pipeline/deliver/subscriber.h"

namespace message_service {

struct Sender {
  std::size_t shard = 0;
  std::weak_ptr<Subscriber> subscriber{};
};

class RecentSenders {
 public:
  explicit RecentSenders(std::size_t messages_max) : part_max_(std::max<std::size_t>(1, messages_max / kParts)) {}

  void remember(const ObjectIdBytes& message_id, const Sender& sender) {
    Part& part = part_of(message_id);
    const std::scoped_lock lock(part.mutex);
    if (!part.senders.insert_or_assign(message_id, sender).second) return;
    part.order.push_back(message_id);
    if (part.order.size() <= part_max_) return;
    part.senders.erase(part.order.front());
    part.order.pop_front();
  }

  // Returns the sender once, if it is one of this shard.
  std::optional<Sender> take(const ObjectIdBytes& message_id, std::size_t shard) {
    Part& part = part_of(message_id);
    const std::scoped_lock lock(part.mutex);
    const auto found = part.senders.find(message_id);
    if (found == part.senders.end() || !found->second || found->second->shard != shard) return {};
    return std::exchange(found->second, std::nullopt);
  }

 private:
  static constexpr std::size_t kParts = 16;

  struct Part {
    std::mutex mutex;
    std::unordered_map<ObjectIdBytes, std::optional<Sender>, MessageIdHash> senders;
    std::deque<ObjectIdBytes> order;
  };
  Part& part_of(const ObjectIdBytes& id) { return parts_[id[11] % kParts]; }

  const std::size_t part_max_;
  std::array<Part, kParts> parts_;
};

}  // namespace message_service
