// The hub of messages (contract, section 4): clients join conversations, catch up without gap or double, send, and are
// told what is stored.
//
// Made by the service before the shards run, and outlives them. deliver() comes from the fan-out's thread; everything
// about one connection happens on its shard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/announcement.h"
#include "api/deliveries.h"
#include "api/intake.h"
#include "api/recent_senders.h"
#include "base/blocking_executor.h"
#include "model/limits.h"
#include "pipeline/accept/conversation_backlog.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/deliver/delivery_credits.h"
#include "pipeline/deliver/delivery_cursor.h"
#include "pipeline/deliver/listened_conversations.h"
#include "ports/event_sink.h"
#include "ports/store_reader.h"
#include "runtime/shard.h"
#include "signalr/hub/groups.h"
#include "signalr/hub/hub.h"

namespace message_service::api {

class MessageHub final : public EventSink {
 public:
  struct Parts {
    Intake& intake;
    ConversationDirectory& conversations;
    StoreReader& reader;
    base::BlockingExecutor blocking;
    Limits limits;
    ConversationBacklog& backlog;
    BacklogLimit backlog_limit;
    std::function<void()> catch_up_retried = [] {};
    std::size_t recent_senders_max = 65536;                      // messages whose sender is remembered
    std::size_t subscriptions_max = 1000;                        // of one connection
    std::size_t catch_up_egress_bytes = std::size_t{256} << 10;  // a catch-up waits while more than this is unread
    std::chrono::milliseconds slow_client_patience = std::chrono::seconds(5);  // and gives up after this long
  };

  MessageHub(runtime::Shards& shards, Parts parts);
  ~MessageHub() override;

  const signalr::Hub& hub() const { return hub_; }

  bool wants(std::string_view conversation_id) const override { return listened_.contains(conversation_id); }
  void deliver(std::vector<Event> events) override;
  void missed() override;
  void missed_in(const std::string& conversation_id) override;

 private:
  // What one connection has of one conversation, from its first join until it leaves.
  struct Subscription {
    enum class Stage : std::uint8_t { joining, catching_up, live };

    std::uint64_t ticket = 0;  // tells this subscription from a later one, after the client has left
    DeliveryCursor cursor;
    std::uint64_t live_from = 0;  // the number of the first announcement of the room that it gets
    bool missed = false;          // an event has passed unseen since the catch-up last asked the store
    Stage stage = Stage::joining;
  };
  struct Front;
  struct JoinRequest;
  using Group = std::vector<SharedAnnouncement>;
  using Caller = signalr::Hub::Caller;
  using Values = std::vector<signalr::Value>;

  std::optional<signalr::MethodResult> check_conversation_id(const std::string& id) const;
  runtime::Awaitable<signalr::MethodResult> join(Caller caller, Values arguments);
  runtime::Awaitable<signalr::MethodResult> leave(Caller caller, Values arguments);
  runtime::Awaitable<signalr::MethodResult> send(Caller caller, Values arguments);

  runtime::Awaitable<base::Result<bool>> exists(runtime::Shard& shard, const std::string& conversation_id);
  runtime::Awaitable<base::Result<std::uint64_t>> last_sequence_of(runtime::Shard& shard,
                                                                   const std::string& conversation_id);
  runtime::Awaitable<void> catch_up(Caller caller, std::string conversation_id, std::uint64_t ticket);
  static runtime::Awaitable<void> rest(runtime::Shard& shard, std::chrono::milliseconds pause);
  void count_retry(const base::Error& error);
  runtime::Awaitable<bool> wait_for_room(signalr::HubConnection& connection);
  Subscription* find(const Caller& caller, const std::string& conversation_id, std::uint64_t ticket);
  void begin_or_extend(const Caller& caller, const std::string& conversation_id, Subscription& subscription,
                       std::optional<std::uint64_t> after, std::uint64_t last);
  void look_into_store(signalr::HubConnection& connection, const std::string& conversation_id,
                       Subscription& subscription);
  void start_catch_up(Caller caller, const std::string& conversation_id, Subscription& subscription);
  void remove(Front& front, const std::string& conversation_id, signalr::HubConnection& connection);
  void close_if_empty(Front& front, const std::string& conversation_id);
  void hand_to_shards(const std::shared_ptr<const Group>& group);
  void announce(Front& front, const Group& group);
  void announce_rejection(Front& front, const SharedAnnouncement& rejection);
  static void list_live_members(Front& front, const Room& room, std::vector<Room::Member>& live);
  void deliver_pass(Front& front, const Room& room, std::span<const Room::Member> members);
  void deliver(const Announcement& announcement, signalr::HubConnection& connection, Subscription& subscription);
  runtime::Awaitable<void> refill(Front& front, std::shared_ptr<Room> room);
  Front& front_of(const signalr::HubConnection& connection);

  Parts parts_;
  signalr::Hub hub_;
  ListenedConversations listened_;
  std::atomic<base::SteadyTime> next_retry_line_{base::SteadyTime::min()};
  RecentSenders senders_;
  const std::shared_ptr<DeliveryCredits> credits_;
  std::vector<std::unique_ptr<Front>> fronts_;  // by shard index
};

}  // namespace message_service::api
