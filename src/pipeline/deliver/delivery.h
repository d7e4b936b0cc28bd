// The end of a message's way. Delivery knows which clients of this node listen to which conversation, which messages
// each client is owed, and how far the fan-out may run ahead. It knows no transport: clients are Subscribers.
//
// Construct after Shards and before they run. Destroy after Shards have stopped. The fan-out's thread calls the members
// of EventSink; each ShardDelivery works on its shard's thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pipeline/deliver/delivery_credits.h"
#include "pipeline/deliver/shard_delivery.h"
#include "ports/event_sink.h"

namespace message_service {

class Delivery final : public EventSink {
 public:
  Delivery(runtime::Shards& shards, const DeliveryParts& parts, const DeliveryOptions& options);

  ShardDelivery& on(const runtime::Shard& shard) { return *shards_[shard.index()].delivery; }

  bool wants(std::string_view conversation_id) const override { return listened_.contains(conversation_id); }
  // Waits for the shards when too many announcements are under way to them.
  void deliver(std::vector<Event> events) override;
  void missed() override;
  void missed_in(const std::string& conversation_id) override;

 private:
  struct Part {
    runtime::Shard* shard;
    std::unique_ptr<ShardDelivery> delivery;
  };

  // Posts the work to every shard; it is called with the shard's ShardDelivery.
  template <class Work>
  void post_to_all(const Work& work);
  void hand_to_shards(const std::shared_ptr<const AnnouncementGroup>& group);
  std::shared_ptr<Announcement> announcement_of(const Event& event) const;
  void count_retry(const base::Error& error);

  const DeliveryParts parts_;
  ListenedConversations listened_;
  RecentSenders senders_;
  std::atomic<base::SteadyTime> next_retry_line_{base::SteadyTime::min()};
  const std::shared_ptr<DeliveryCredits> credits_;
  std::vector<Part> shards_;  // by index
};

}  // namespace message_service
