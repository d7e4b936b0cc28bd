// One shard's part of delivery: which conversations its clients listen to, and which messages each client is owed. A
// client gets every message of a conversation that it has joined, once and in order: from the store until it has caught
// up, then live.
//
// Owned by Delivery; exists while the shard runs. On the shard's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "base/memberships.h"
#include "base/result.h"
#include "observe/message_traces.h"
#include "pipeline/conversations/conversation_backlog.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/deliver/announcement.h"
#include "pipeline/deliver/deliveries.h"
#include "pipeline/deliver/listened_conversations.h"
#include "pipeline/deliver/recent_senders.h"
#include "pipeline/deliver/subscriber.h"
#include "pipeline/deliver/subscription.h"
#include "ports/store_reader.h"
#include "runtime/asio_types.h"
#include "runtime/shard.h"

namespace message_service {

struct DeliveryOptions {
  BacklogLimit backlog_limit;
  std::size_t recent_senders_max = 65536;  // messages whose sender is remembered
  std::size_t subscriptions_max = 1000;    // of one client
  static constexpr base::Bounds<std::size_t> subscriptions_bounds{1, 100'000};
  std::size_t catch_up_egress_bytes = std::size_t{256} << 10;  // a catch-up waits while more than this is unread
  std::chrono::milliseconds slow_client_patience = std::chrono::seconds(5);  // then closes the client after this long
};

using AnnouncementGroup = std::vector<SharedAnnouncement>;
using SharedSubscriber = std::shared_ptr<Subscriber>;

// The parts of the node that delivery works with. All of them outlive it.
struct DeliveryParts {
  ConversationDirectory& conversations;
  StoreReader& store;
  base::BlockingExecutor blocking;
  ConversationBacklog& backlog;
  const AnnouncementFactory& announcements;
  std::function<void()> catch_up_retried = [] {};
  const MessageTraces& traces = MessageTraces::off();
};

class ShardDelivery {
 public:
  // The state that all shards share.
  struct Shared {
    ListenedConversations& listened;
    RecentSenders& senders;
    std::function<void(const base::Error&)> retried;  // a catch-up could not read the store, and asks it again
  };

  // Every argument but the options outlives the object.
  ShardDelivery(runtime::Shard& shard, const DeliveryParts& parts, Shared shared, const DeliveryOptions& options);

  // What a client may see of a conversation, and since when its person takes part in it.
  struct Permission {
    std::uint64_t visible_after = 0;
    std::uint64_t member_since = 0;
  };
  // Asked on a blocking thread once the node listens: a removal that the answer does not know of will be announced.
  using AskPermission = std::function<base::Result<Permission>()>;

  // How far the conversation has come, and in which history its sequences count.
  struct Joined {
    std::uint64_t last_sequence = 0;
    std::string history_id;
  };

  // From now on the client gets the conversation's messages: all after `after`, or without it the new ones. A second
  // join takes nothing away. `not_found`: there is no such conversation;
  // `refused`: the client has joined too many, or the store is busy; else the permission's error, and the client is out
  // of the conversation.
  runtime::Awaitable<base::Result<Joined>> join(SharedSubscriber subscriber, std::string conversation_id,
                                                std::optional<std::uint64_t> after, AskPermission permission);
  void leave(Subscriber& subscriber, const std::string& conversation_id);
  bool has_joined(Subscriber& subscriber, const std::string& conversation_id) {
    return subscriptions_.find(conversation_id, subscriber) != nullptr;
  }
  // The conversations that the client has joined.
  std::vector<std::string> joined_by(Subscriber& subscriber) const { return subscriptions_.names_of(subscriber); }
  // Call before the client ends.
  void leave_all(Subscriber& subscriber);

  // The client has sent this message: a later rejection goes to it, too.
  void note_sender(const ObjectIdBytes& message_id, const SharedSubscriber& subscriber);

  void announce(const AnnouncementGroup& group);

  // The fan-out missed events, of every conversation or of one.
  void missed();
  void missed_in(const std::string& conversation_id);

 private:
  runtime::Awaitable<base::Result<bool>> exists(const std::string& conversation_id);
  // Where a client begins.
  struct Beginning {
    Permission permission;
    Joined joined;
  };
  runtime::Awaitable<base::Result<Beginning>> beginning_of(const std::string& conversation_id,
                                                           const AskPermission& permission);
  void begin_or_extend(const SharedSubscriber& subscriber, const std::string& conversation_id,
                       Subscription& subscription, std::optional<std::uint64_t> after, const Beginning& beginning);
  Subscription* find(const SharedSubscriber& subscriber, const std::string& conversation_id, std::uint64_t ticket);
  void start_catch_up(SharedSubscriber subscriber, const std::string& conversation_id, Subscription& subscription);
  runtime::Awaitable<void> catch_up(SharedSubscriber subscriber, std::string conversation_id, std::uint64_t ticket);
  runtime::Awaitable<bool> wait_for_room(Subscriber& subscriber);
  void look_into_store(Subscriber& subscriber, const std::string& conversation_id, Subscription& subscription);
  void close_if_empty(const std::string& conversation_id);

  void announce_rejection(const SharedAnnouncement& rejection);
  void list_live_members(const Room& room, std::vector<Room::Member>& live);
  void deliver_pass(const Room& room, std::span<const Room::Member> members);
  void deliver(const Announcement& announcement, Subscriber& subscriber, Subscription& subscription);
  std::shared_ptr<Announcement> announcement_of(const std::string& conversation_id, const StoredRow& row) const;
  static bool removes(const Announcement& announcement, const Subscriber& subscriber, const Subscription& subscription);
  void end_removed(Subscriber& subscriber, const std::string& conversation_id);
  runtime::Awaitable<void> refill(std::shared_ptr<Room> room);

  runtime::Shard& shard_;
  const DeliveryParts parts_;
  const Shared shared_;
  const DeliveryOptions options_;
  base::Memberships<Subscriber, Subscription> subscriptions_;
  Deliveries deliveries_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace message_service
