// The message hub's way from an event to the clients.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "api/answers.h"
#include "api/message_hub_front.h"
#include "base/backoff.h"
#include "runtime/await_callback.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::api {

using signalr::HubConnection;
using signalr::RawJson;
using signalr::Value;

namespace {

constexpr int kLooksInVain = 20;

// For a room whose history cannot be read now.
constexpr auto kBusyRoomPause = std::chrono::milliseconds(50);
constexpr auto kBusyRoomPauseMax = std::chrono::milliseconds(3000);

signalr::HubMessage invocation(std::string_view target, std::string json) {
  return signalr::Invocation{.target = std::string(target),
                             .arguments = {Value(RawJson{std::move(json), wire::kMessageTimes})}};
}

std::shared_ptr<Announcement> announcement_of_message(const std::string& conversation_id, std::uint64_t sequence,
                                                      std::string json) {
  const std::size_t bytes = json.size();
  return std::make_shared<Announcement>(conversation_id, sequence, bytes, receive_message(std::move(json)));
}

std::shared_ptr<Announcement> announcement_of_rejection(const MessageRejected& rejected) {
  std::string json = wire::rejected_json(rejected);
  const std::size_t bytes = json.size();
  auto made = std::make_shared<Announcement>(rejected.conversation_id, 0, bytes,
                                             invocation("MessageRejected", std::move(json)));
  made->rejected = derive_message_id(rejected.conversation_id, rejected.temporary_message_id);
  return made;
}

}  // namespace

signalr::HubMessage receive_message(std::string stored_json) {
  return invocation("ReceiveMessage", std::move(stored_json));
}

// Waits for the shards when too much is under way to them.
void MessageHub::deliver(std::vector<Event> events) {
  auto group = std::make_shared<Group>();
  const auto hand_over = [&] { hand_to_shards(std::exchange(group, std::make_shared<Group>())); };
  for (const Event& event : events) {
    std::shared_ptr<Announcement> announcement;
    if (const auto* sent = std::get_if<MessageSent>(&event)) {
      announcement = announcement_of_message(sent->stored.message().conversation_id, sent->stored.sequence(),
                                             wire::stored_json(sent->stored));
    } else {
      announcement = announcement_of_rejection(std::get<MessageRejected>(event));
    }
    announcement->permit = credits_->take(announcement->bytes, hand_over);
    group->push_back(std::move(announcement));
  }
  hand_over();
}

void MessageHub::hand_to_shards(const std::shared_ptr<const Group>& group) {
  if (group->empty()) return;
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [this, &front = *front, group] { announce(front, *group); });
  }
}

void MessageHub::missed() {
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [this, &front = *front] {
      for (auto& [conversation_id, members] : front.subscriptions.all()) {
        for (auto& [connection, subscription] : members) {
          look_into_store(*connection, conversation_id, subscription);
        }
      }
    });
  }
}

void MessageHub::missed_in(const std::string& conversation_id) {
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [this, &front = *front, conversation_id] {
      auto* members = front.subscriptions.members(conversation_id);
      if (members == nullptr) return;
      for (auto& [connection, subscription] : *members) {
        look_into_store(*connection, conversation_id, subscription);
      }
    });
  }
}

void MessageHub::announce(Front& front, const Group& group) {
  for (const SharedAnnouncement& announcement : group) {
    if (announcement->sequence == 0) {
      announce_rejection(front, announcement);
    } else if (front.subscriptions.members(announcement->conversation_id) != nullptr) {
      front.deliveries.announce(announcement);
    }
  }
}

// To the members and to the sender, who need not be one; to each once. Members that are live get it in its order.
void MessageHub::announce_rejection(Front& front, const SharedAnnouncement& rejection) {
  const auto taken = senders_.take(rejection->rejected, front.shard.index());
  HubConnection* sender = taken ? front.find(*taken) : nullptr;
  if (auto* members = front.subscriptions.members(rejection->conversation_id)) {
    front.deliveries.announce(rejection);
    for (auto& [connection, subscription] : *members) {
      if (subscription.stage != Subscription::Stage::live) connection->send(rejection->message);
      if (connection == sender) sender = nullptr;
    }
  }
  if (sender != nullptr) sender->send(rejection->message);
}

void MessageHub::list_live_members(Front& front, const Room& room, std::vector<Room::Member>& live) {
  auto* members = front.subscriptions.members(room.conversation_id());
  if (members == nullptr) return;
  live.reserve(members->size());
  for (const auto& [connection, subscription] : *members) {
    if (subscription.stage == Subscription::Stage::live) live.push_back({connection, subscription.ticket});
  }
}

// Sends the announcements of the room's pass to some of its members. One for whom there is no room just now goes on
// from the store.
void MessageHub::deliver_pass(Front& front, const Room& room, std::span<const Room::Member> members) {
  auto* all = front.subscriptions.members(room.conversation_id());
  if (all == nullptr) return;
  for (const Room::Member& member : members) {
    const auto found = all->find(member.connection);
    if (found == all->end() || found->second.ticket != member.ticket) continue;
    Subscription& subscription = found->second;
    for (std::uint64_t n = std::max(room.begin(), subscription.live_from); n < room.pass_end(); ++n) {
      if (subscription.stage != Subscription::Stage::live) break;
      deliver(room.at(n), *member.connection, subscription);
    }
  }
}

void MessageHub::deliver(const Announcement& announcement, HubConnection& connection, Subscription& subscription) {
  if (announcement.sequence == 0) {
    connection.send(announcement.message);
  } else if (announcement.sequence > subscription.cursor.delivered()) {
    if (connection.offer(announcement.message)) {
      subscription.cursor.advance({0, DeliveryCursor::kNoEnd}, announcement.sequence);
    } else {
      start_catch_up(connection.shared_from_this(), announcement.conversation_id, subscription);
    }
  }
}

// Reads the announcements that the room did not keep from the store, once for all of its members, as it has room.
runtime::Awaitable<void> MessageHub::refill(Front& front, std::shared_ptr<Room> room) {
  runtime::Timer pause(front.shard.executor());
  base::Backoff busy(kBusyRoomPause, kBusyRoomPauseMax);
  int looked_in_vain = 0;
  while (!room->is_closed) {
    std::chrono::milliseconds wait = kRoomPause;
    if (front.deliveries.has_room(*room)) {
      const auto look_up = [this, id = room->conversation_id(), after = room->queued()] {
        return parts_.reader.page(id, {.after = after, .limit = kCatchUpRows});
      };
      const base::Result<Page> page =
          co_await runtime::await_blocking(front.shard, parts_.blocking, look_up, base::Result<Page>(store_busy()));
      if (room->is_closed) co_return;
      const bool found = page && !page->rows.empty();
      if (found) {
        for (const StoredRow& row : page->rows) {
          front.deliveries.add(room, announcement_of_message(room->conversation_id(), row.sequence, row.json));
        }
        looked_in_vain = 0;
        busy.reset();
      } else if (!page && page.error().code != base::ErrorCode::corrupt) {
        count_retry(page.error());
        wait = busy.next();
      } else {
        ++looked_in_vain;  // a row may be damaged, or a moment late
      }
      if (room->announced() <= room->queued() || looked_in_vain > kLooksInVain) {
        room->is_behind = false;
        co_return;
      }
      if (found) continue;
    }
    pause.expires_after(wait);
    co_await pause.async_wait(runtime::use_awaitable);
  }
}

}  // namespace message_service::api
