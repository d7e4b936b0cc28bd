#include "pipeline/deliver/shard_delivery.h"

#include <algorithm>
#include <utility>

#include "base/backoff.h"
#include "model/no_conversation.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"
#include "runtime/rest.h"
#include "runtime/spawn.h"
#include "wire/message_json.h"

namespace message_service {

namespace {

constexpr std::size_t kCatchUpRows = 200;
constexpr auto kRoomPause = std::chrono::milliseconds(5);
constexpr auto kLookUpTimeout = std::chrono::seconds(10);

// Between questions to a store that is too busy, or cannot be read.
constexpr auto kBusyPause = std::chrono::milliseconds(50);
constexpr auto kBusyPauseMax = std::chrono::milliseconds(3000);

// For a message that was announced and is not in the store: about a second in all.
constexpr auto kAbsentPause = std::chrono::milliseconds(20);
constexpr auto kAbsentPauseMax = std::chrono::milliseconds(400);
constexpr int kLooksForAbsent = 6;
constexpr int kLooksInVain = 20;  // of a room that is behind

const base::Error kNoChange{base::ErrorCode::invalid, "a message"};

template <class T>
bool is_busy(const base::Result<T>& answer) {
  return !answer && answer.error().code == base::ErrorCode::refused;
}

}  // namespace

ShardDelivery::ShardDelivery(runtime::Shard& shard, const DeliveryParts& parts, Shared shared,
                             const DeliveryOptions& options)
    : shard_(shard),
      parts_(parts),
      shared_(std::move(shared)),
      options_(options),
      deliveries_(shard, parts_.backlog, options.backlog_limit,
                  {.list_live_members = [this](const Room& room, auto& members) { list_live_members(room, members); },
                   .deliver_pass = [this](const Room& room, auto members) { deliver_pass(room, members); },
                   .refill =
                       [this](std::shared_ptr<Room> room) {
                         runtime::spawn(shard_.executor(), refill(std::move(room)), "The refill of a room");
                       }}) {}

// Listens first, then asks the store: a message stored meanwhile is announced, and a message announced before is in the
// store already. The two overlap, and the sequence identifies the repeats.
runtime::Awaitable<base::Result<ShardDelivery::Joined>> ShardDelivery::join(SharedSubscriber subscriber,
                                                                            std::string conversation_id,
                                                                            std::optional<std::uint64_t> after,
                                                                            AskPermission permission) {
  const base::Result<bool> exists = co_await this->exists(conversation_id);
  if (!exists) co_return exists.error();
  if (!*exists) co_return no_conversation();
  if (subscriptions_.groups_of(*subscriber) >= options_.subscriptions_max &&
      subscriptions_.find(conversation_id, *subscriber) == nullptr) {
    co_return base::Error{base::ErrorCode::refused,
                          "a connection can join " + std::to_string(options_.subscriptions_max) + " conversations"};
  }

  auto [subscription, is_new] = subscriptions_.add(conversation_id, *subscriber);
  if (is_new) {
    subscription.ticket = next_ticket_++;
    shared_.listened.add(conversation_id);
  }
  const std::uint64_t ticket = subscription.ticket;

  const base::Result<Beginning> beginning = co_await beginning_of(conversation_id, permission);
  Subscription* mine = find(subscriber, conversation_id, ticket);
  if (!beginning) {
    const bool forbidden = beginning.error().code == base::ErrorCode::forbidden;
    if ((is_new || forbidden) && mine != nullptr) leave(*subscriber, conversation_id);
    co_return beginning.error();
  }
  if (mine != nullptr) begin_or_extend(subscriber, conversation_id, *mine, after, *beginning);
  co_return beginning->joined;
}

// A client that has joined already keeps its range; only an earlier beginning extends it.
void ShardDelivery::begin_or_extend(const SharedSubscriber& subscriber, const std::string& conversation_id,
                                    Subscription& subscription, std::optional<std::uint64_t> after,
                                    const Beginning& beginning) {
  const Permission& permission = beginning.permission;
  if (after) after = std::max(*after, permission.visible_after);
  if (subscription.stage == Subscription::Stage::joining) {
    subscription.member_since = permission.member_since;
    subscription.cursor = DeliveryCursor(after.value_or(beginning.joined.last_sequence));
    start_catch_up(subscriber, conversation_id, subscription);
  } else if (after && subscription.cursor.extend_to(*after) && subscription.stage == Subscription::Stage::live) {
    start_catch_up(subscriber, conversation_id, subscription);
  }
}

runtime::Awaitable<base::Result<bool>> ShardDelivery::exists(const std::string& conversation_id) {
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  const base::SteadyTime patience_ends = base::SteadyClock::now() + kLookUpTimeout;
  while (true) {
    const auto ask = [&](auto done) { parts_.conversations.exists(conversation_id, std::move(done)); };
    base::Result<bool> exists = co_await runtime::await_callback<base::Result<bool>>(
        shard_, ask, kLookUpTimeout, [] { return base::Result<bool>(store_busy()); });
    // Moved: from a const one the coroutine would make its result by the conversion to bool, which is has_value().
    if (!is_busy(exists) || base::SteadyClock::now() > patience_ends) co_return std::move(exists);
    co_await runtime::rest(shard_, busy.next());
  }
}

runtime::Awaitable<base::Result<ShardDelivery::Beginning>> ShardDelivery::beginning_of(
    const std::string& conversation_id, const AskPermission& permission) {
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  const base::SteadyTime patience_ends = base::SteadyClock::now() + kLookUpTimeout;
  while (true) {
    const auto look_up = [this, conversation_id, permission]() -> base::Result<Beginning> {
      const auto last = parts_.store.last_sequence(conversation_id);
      if (!last) return last.error();
      auto history = parts_.store.history_id();
      if (!history) return history.error();
      const auto allowed = permission ? permission() : base::Result<Permission>(Permission{});
      if (!allowed) return allowed.error();
      return Beginning{.permission = *allowed, .joined = {.last_sequence = *last, .history_id = std::move(*history)}};
    };
    base::Result<Beginning> beginning =
        co_await runtime::await_blocking(shard_, parts_.blocking, look_up, base::Result<Beginning>(store_busy()));
    if (!is_busy(beginning) || base::SteadyClock::now() > patience_ends) co_return std::move(beginning);
    co_await runtime::rest(shard_, busy.next());
  }
}

// Null when the client has left since, even if it has joined again.
Subscription* ShardDelivery::find(const SharedSubscriber& subscriber, const std::string& conversation_id,
                                  std::uint64_t ticket) {
  if (!subscriber->is_open()) return nullptr;
  Subscription* found = subscriptions_.find(conversation_id, *subscriber);
  return found != nullptr && found->ticket == ticket ? found : nullptr;
}

void ShardDelivery::leave(Subscriber& subscriber, const std::string& conversation_id) {
  if (subscriptions_.remove(conversation_id, subscriber)) close_if_empty(conversation_id);
}

void ShardDelivery::leave_all(Subscriber& subscriber) {
  for (const std::string& id : subscriptions_.remove_all(subscriber)) close_if_empty(id);
}

// One member has left.
void ShardDelivery::close_if_empty(const std::string& conversation_id) {
  shared_.listened.remove(conversation_id);
  if (subscriptions_.members(conversation_id) == nullptr) deliveries_.close(conversation_id);
}

void ShardDelivery::note_sender(const ObjectIdBytes& message_id, const SharedSubscriber& subscriber) {
  shared_.senders.remember(message_id, {.shard = shard_.index(), .subscriber = subscriber});
}

// Sends the messages that the client is owed from the store, page by page, until the client has had every announced
// one; then the subscription is live. Ends early when the client leaves. Asks a store that cannot be read again, at
// longer and longer intervals: after a restart thousands of clients catch up at once, and as many would return if the
// node sent them away.
runtime::Awaitable<void> ShardDelivery::catch_up(SharedSubscriber subscriber, std::string conversation_id,
                                                 std::uint64_t ticket) {
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  base::Backoff absent(kAbsentPause, kAbsentPauseMax);
  int looked_in_vain = 0;
  Subscription* mine = find(subscriber, conversation_id, ticket);
  while (mine != nullptr) {
    const DeliveryCursor::Range range = mine->cursor.next();
    const PageQuery query{.after = range.after, .limit = kCatchUpRows, .changes = true};
    if (range.end == DeliveryCursor::kNoEnd) mine->missed = false;
    const auto look_up = [this, conversation_id, query] { return parts_.store.page(conversation_id, query); };
    const base::Result<Page> page =
        co_await runtime::await_blocking(shard_, parts_.blocking, look_up, base::Result<Page>(store_busy()));
    mine = find(subscriber, conversation_id, ticket);
    if (mine == nullptr) co_return;
    if (!page && page.error().code != base::ErrorCode::corrupt) {
      shared_.retried(page.error());
      co_await runtime::rest(shard_, busy.next());
      mine = find(subscriber, conversation_id, ticket);
      continue;
    }
    busy.reset();
    const std::span<const StoredRow> rows =
        page ? std::span<const StoredRow>(page->rows) : std::span<const StoredRow>();
    for (const StoredRow& row : rows) {
      if (row.sequence > range.end) break;
      const auto message = announcement_of(conversation_id, row);
      if (removes(*message, *subscriber, *mine)) {
        end_removed(*subscriber, conversation_id);
        co_return;
      }
      while (!subscriber->offer(*message)) {
        const bool room = co_await wait_for_room(*subscriber);
        if (!room) co_return;
        mine = find(subscriber, conversation_id, ticket);
        if (mine == nullptr) co_return;
      }
      mine->cursor.advance(range, row.sequence);
    }
    if (page && page->has_more && rows.back().sequence < range.end) continue;
    if (range.end != DeliveryCursor::kNoEnd) {
      mine->cursor.advance(range, range.end);
      continue;
    }
    const Room& room = deliveries_.room_of(conversation_id);
    // The store holds every announced message, but for two cases: a new primary of MongoDB knows a moment late what the
    // majority has, and somebody has deleted or damaged the row.
    looked_in_vain = rows.empty() ? looked_in_vain + 1 : 0;
    const bool has_all = room.announced() <= mine->cursor.delivered() || looked_in_vain > kLooksForAbsent;
    if (mine->cursor.is_at_end() && has_all && !mine->missed) {
      mine->live_from = room.end();
      mine->stage = Subscription::Stage::live;
      co_return;
    }
    if (!rows.empty()) continue;
    co_await runtime::rest(shard_, absent.next());
    mine = find(subscriber, conversation_id, ticket);
  }
}

std::shared_ptr<Announcement> ShardDelivery::announcement_of(const std::string& conversation_id,
                                                             const StoredRow& row) const {
  const auto stored = row.change ? wire::read_stored(row.json) : base::Result<Stored>(kNoChange);
  if (stored) return announcement_of_change(parts_.announcements, *stored, row.json);
  return parts_.announcements.message(conversation_id, row.sequence, row.json);
}

bool ShardDelivery::removes(const Announcement& announcement, const Subscriber& subscriber,
                            const Subscription& subscription) {
  return !announcement.removed_person.empty() && announcement.sequence > subscription.member_since &&
         announcement.removed_person == subscriber.person();
}

void ShardDelivery::end_removed(Subscriber& subscriber, const std::string& conversation_id) {
  subscriber.removed_from(conversation_id);
  leave(subscriber, conversation_id);
}

// False when the connection ended, by itself or because the client has not read enough for too long.
runtime::Awaitable<bool> ShardDelivery::wait_for_room(Subscriber& subscriber) {
  const base::SteadyTime patience_ends = base::SteadyClock::now() + options_.slow_client_patience;
  runtime::Timer pause(shard_.executor());
  do {
    if (base::SteadyClock::now() >= patience_ends) subscriber.close_as_slow();
    pause.expires_after(kRoomPause);
    co_await pause.async_wait(runtime::use_awaitable);
  } while (subscriber.is_open() && subscriber.egress_bytes() > options_.catch_up_egress_bytes);
  co_return subscriber.is_open();
}

void ShardDelivery::missed() {
  for (auto& [conversation_id, members] : subscriptions_.all()) {
    for (auto& [subscriber, subscription] : members) look_into_store(*subscriber, conversation_id, subscription);
  }
}

void ShardDelivery::missed_in(const std::string& conversation_id) {
  auto* members = subscriptions_.members(conversation_id);
  if (members == nullptr) return;
  for (auto& [subscriber, subscription] : *members) look_into_store(*subscriber, conversation_id, subscription);
}

// The fan-out missed events. The store is ahead of them, but a catch-up under way may have read it just before.
void ShardDelivery::look_into_store(Subscriber& subscriber, const std::string& conversation_id,
                                    Subscription& subscription) {
  subscription.missed = true;
  if (subscription.stage != Subscription::Stage::live) return;
  start_catch_up(subscriber.shared_from_this(), conversation_id, subscription);
}

// Sends the client further messages from the store, at its own pace. Posted, so that the answer to a join goes out
// before the first message.
void ShardDelivery::start_catch_up(SharedSubscriber subscriber, const std::string& conversation_id,
                                   Subscription& subscription) {
  subscription.stage = Subscription::Stage::catching_up;
  runtime::spawn(shard_.executor(), catch_up(std::move(subscriber), conversation_id, subscription.ticket),
                 "A client's catch-up");
}

void ShardDelivery::announce(const AnnouncementGroup& group) {
  for (const SharedAnnouncement& announcement : group) {
    if (announcement->sequence == 0) {
      announce_rejection(announcement);
    } else if (subscriptions_.members(announcement->conversation_id) != nullptr) {
      deliveries_.announce(announcement);
    }
  }
}

// Sends to the members and to the sender, which need not be a member; to each once. Live members get the rejection in
// its order.
void ShardDelivery::announce_rejection(const SharedAnnouncement& rejection) {
  const auto taken = shared_.senders.take(rejection->rejected, shard_.index());
  const SharedSubscriber held = taken ? taken->subscriber.lock() : nullptr;
  Subscriber* sender = held.get();
  if (auto* members = subscriptions_.members(rejection->conversation_id)) {
    deliveries_.announce(rejection);
    for (auto& [subscriber, subscription] : *members) {
      if (subscription.stage != Subscription::Stage::live) subscriber->send(*rejection);
      if (subscriber == sender) sender = nullptr;
    }
  }
  if (sender != nullptr && sender->is_open()) sender->send(*rejection);
}

void ShardDelivery::list_live_members(const Room& room, std::vector<Room::Member>& live) {
  auto* members = subscriptions_.members(room.conversation_id());
  if (members == nullptr) return;
  live.reserve(members->size());
  for (const auto& [subscriber, subscription] : *members) {
    if (subscription.stage == Subscription::Stage::live) live.push_back({subscriber, subscription.ticket});
  }
}

// Sends the announcements of the room's pass to some of its members. A member without room for one just now continues
// from the store.
void ShardDelivery::deliver_pass(const Room& room, std::span<const Room::Member> members) {
  auto* all = subscriptions_.members(room.conversation_id());
  if (all == nullptr) return;
  std::vector<Subscriber*> removed;
  for (const Room::Member& member : members) {
    const auto found = all->find(member.subscriber);
    if (found == all->end() || found->second.ticket != member.ticket) continue;
    Subscription& subscription = found->second;
    for (std::uint64_t n = std::max(room.begin(), subscription.live_from); n < room.pass_end(); ++n) {
      if (subscription.stage != Subscription::Stage::live) break;
      deliver(room.at(n), *member.subscriber, subscription);
    }
    if (subscription.stage == Subscription::Stage::removed) removed.push_back(member.subscriber);
  }
  for (Subscriber* subscriber : removed) end_removed(*subscriber, room.conversation_id());
}

void ShardDelivery::deliver(const Announcement& announcement, Subscriber& subscriber, Subscription& subscription) {
  if (announcement.sequence == 0) {
    subscriber.send(announcement);
  } else if (announcement.sequence > subscription.cursor.delivered()) {
    if (removes(announcement, subscriber, subscription)) {
      subscription.stage = Subscription::Stage::removed;
    } else if (subscriber.offer(announcement)) {
      subscription.cursor.advance({0, DeliveryCursor::kNoEnd}, announcement.sequence);
    } else {
      start_catch_up(subscriber.shared_from_this(), announcement.conversation_id, subscription);
    }
  }
}

// Reads the announcements that the room did not keep from the store, once for all of its members, as the room has
// space.
runtime::Awaitable<void> ShardDelivery::refill(std::shared_ptr<Room> room) {
  runtime::Timer pause(shard_.executor());
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  int looked_in_vain = 0;
  while (!room->is_closed) {
    std::chrono::milliseconds wait = kRoomPause;
    if (deliveries_.has_room(*room)) {
      const auto look_up = [this, id = room->conversation_id(), after = room->queued()] {
        return parts_.store.page(id, {.after = after, .limit = kCatchUpRows, .changes = true});
      };
      const base::Result<Page> page =
          co_await runtime::await_blocking(shard_, parts_.blocking, look_up, base::Result<Page>(store_busy()));
      if (room->is_closed) co_return;
      const bool found = page && !page->rows.empty();
      if (found) {
        for (const StoredRow& row : page->rows) {
          deliveries_.add(room, announcement_of(room->conversation_id(), row));
        }
        looked_in_vain = 0;
        busy.reset();
      } else if (!page && page.error().code != base::ErrorCode::corrupt) {
        shared_.retried(page.error());
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

}  // namespace message_service
