#include "api/message_hub.h"

#include <algorithm>
#include <span>
#include <utility>

#include "api/answers.h"
#include "api/message_hub_front.h"
#include "base/backoff.h"
#include "base/json_object_writer.h"
#include "logging/logging.h"
#include "model/validation.h"
#include "runtime/await_callback.h"
#include "runtime/spawn.h"
#include "signalr/hub/convert.h"
#include "wire/message_json.h"

namespace message_service::api {

using signalr::BindingError;
using signalr::Failure;
using signalr::HubConnection;
using signalr::MethodResult;
using signalr::Outcome;
using signalr::RawJson;
using signalr::Value;

namespace {

constexpr auto kLookUpTimeout = std::chrono::seconds(10);

// Between questions to a store that is too busy to be asked, or cannot be read.
constexpr auto kBusyPause = std::chrono::milliseconds(50);
constexpr auto kBusyPauseMax = std::chrono::milliseconds(3000);
constexpr auto kRetryLineInterval = std::chrono::minutes(1);

// For a message that was announced and is not in the store: about a second in all.
constexpr auto kAbsentPause = std::chrono::milliseconds(20);
constexpr auto kAbsentPauseMax = std::chrono::milliseconds(400);
constexpr int kLooksForAbsent = 6;

template <class T>
bool is_busy(const base::Result<T>& answer) {
  return !answer && answer.error().code == base::ErrorCode::refused;
}

// How many rooms may be full before the fan-out waits for the shards. A full one has twice its limit.
constexpr std::size_t kFullRooms = 4;

std::string text_of(const FieldErrors& errors) {
  std::string text;
  for (const FieldError& error : errors) {
    if (!text.empty()) text.append("; ");
    text.append(error.field).append(" ").append(error.text);
  }
  return text;
}

// A string member of the message that a client sends. A member that is no string, or cannot be read, is an error.
std::optional<std::string> member(const Value& object, std::string_view name, FieldErrors& errors) {
  const Value* value = signalr::find_member(object, name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (const std::string* text = value->if_string()) return *text;
  const auto* unreadable = value->get_if<signalr::Unreadable>();
  errors.push_back({std::string(name), unreadable != nullptr ? unreadable->reason : "must be a string"});
  return std::nullopt;
}

MethodResult outcome_result(const IngressOutcome& outcome) {
  if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
    return Outcome(Value(RawJson{wire::accepted_json(*accepted->message), wire::kMessageTimes}));
  }
  if (const auto* now = std::get_if<StoredNow>(&outcome)) {
    return Outcome(Value(RawJson{wire::stored_json(*now->stored), wire::kMessageTimes}));
  }
  if (const auto* errors = std::get_if<FieldErrors>(&outcome)) return Outcome(Failure{text_of(*errors)});
  if (const auto* large = std::get_if<TooLarge>(&outcome)) return Outcome(Failure{large->text});
  return Outcome(Failure{std::get<base::Error>(outcome).text});
}

}  // namespace

struct MessageHub::JoinRequest {
  std::string conversation_id;
  std::optional<std::uint64_t> after;

  static std::variant<JoinRequest, BindingError> read(const Values& arguments) {
    if (arguments.empty() || arguments.size() > 2) {
      return BindingError{"Invocation provides " + std::to_string(arguments.size()) +
                          " argument(s) but target expects 1 or 2."};
    }
    const std::string* id = arguments[0].if_string();
    if (id == nullptr) return BindingError{"conversationId must be a string."};
    JoinRequest request{.conversation_id = *id, .after = std::nullopt};
    if (arguments.size() == 2 && !arguments[1].is_null()) {
      const auto after = arguments[1].if_integer();
      if (!after || *after < 0) return BindingError{"afterSequence must be a whole number from 0."};
      request.after = static_cast<std::uint64_t>(*after);
    }
    return request;
  }
};

MessageHub::MessageHub(runtime::Shards& shards, Parts parts)
    : parts_(std::move(parts)),
      senders_(parts_.recent_senders_max),
      credits_(std::make_shared<DeliveryCredits>(kFullRooms * 2 * parts_.backlog_limit.messages,
                                                 kFullRooms * 2 * parts_.backlog_limit.bytes)) {
  fronts_.reserve(shards.size());
  for (const auto& shard : shards) {
    const std::size_t index = fronts_.size();
    const auto front = [this, index]() -> Front& { return *fronts_[index]; };
    fronts_.push_back(std::make_unique<Front>(
        *shard, parts_,
        Deliveries::Hooks{
            .list_live_members = [front](const Room& room,
                                         auto& members) { list_live_members(front(), room, members); },
            .deliver_pass = [this, front](const Room& room, auto members) { deliver_pass(front(), room, members); },
            .refill =
                [this, front](std::shared_ptr<Room> room) {
                  runtime::spawn(front().shard.executor(), refill(front(), std::move(room)), "The refill of a room");
                }}));
  }
  const auto add = [this](const char* name, runtime::Awaitable<MethodResult> (MessageHub::*method)(Caller, Values)) {
    hub_.add(name, [this, method](Caller caller, Values arguments) {
      return (this->*method)(std::move(caller), std::move(arguments));
    });
  };
  add("JoinConversation", &MessageHub::join);
  add("LeaveConversation", &MessageHub::leave);
  add("SendMessage", &MessageHub::send);
  hub_.on_disconnected([this](const signalr::Context& context) {
    signalr::HubConnection& client = context.connection();
    Front& front = front_of(client);
    for (const std::string& id : front.subscriptions.remove_all(client)) close_if_empty(front, id);
    front.lives.erase(&client);
  });
}

MessageHub::~MessageHub() = default;

MessageHub::Front& MessageHub::front_of(const HubConnection& connection) {
  return *fronts_[connection.shard().index()];
}

// Before anything is looked up or remembered under an id that a stranger chose.
std::optional<MethodResult> MessageHub::check_conversation_id(const std::string& id) const {
  FieldErrors errors;
  if (check_id("conversationId", id, parts_.limits, errors)) return std::nullopt;
  return Outcome(Failure{text_of(errors)});
}

// Listens first and asks the store then: what is stored meanwhile is announced, and what was announced before is in the
// store already. Both ends overlap, and the sequence tells the doubles.
runtime::Awaitable<MethodResult> MessageHub::join(Caller caller, Values arguments) {
  auto read = JoinRequest::read(arguments);
  if (auto* wrong = std::get_if<BindingError>(&read)) co_return std::move(*wrong);
  const JoinRequest request = std::get<JoinRequest>(std::move(read));
  if (auto wrong = check_conversation_id(request.conversation_id)) co_return std::move(*wrong);
  Front& front = front_of(*caller);

  const base::Result<bool> exists = co_await this->exists(front.shard, request.conversation_id);
  if (!exists) co_return Outcome(Failure{exists.error().text});
  if (!*exists) co_return Outcome(Failure{"there is no such conversation"});
  if (front.subscriptions.groups_of(*caller) >= parts_.subscriptions_max &&
      front.subscriptions.find(request.conversation_id, *caller) == nullptr) {
    co_return Outcome(Failure{"a connection can join " + std::to_string(parts_.subscriptions_max) + " conversations"});
  }

  auto [subscription, is_new] = front.subscriptions.add(request.conversation_id, *caller);
  if (is_new) {
    subscription.ticket = front.next_ticket++;
    listened_.add(request.conversation_id);
  }
  const std::uint64_t ticket = subscription.ticket;

  const base::Result<std::uint64_t> last = co_await last_sequence_of(front.shard, request.conversation_id);
  Subscription* mine = find(caller, request.conversation_id, ticket);
  if (!last) {
    if (is_new && mine != nullptr) remove(front, request.conversation_id, *caller);
    co_return Outcome(Failure{last.error().text});
  }
  if (mine != nullptr) begin_or_extend(caller, request.conversation_id, *mine, request.after, *last);
  std::string json;
  base::JsonObjectWriter(json).string("conversationId", request.conversation_id).number("lastSequence", *last).close();
  co_return Outcome(Value(RawJson{std::move(json)}));
}

// A client that has joined already keeps what it has; only an earlier beginning adds to it.
void MessageHub::begin_or_extend(const Caller& caller, const std::string& conversation_id, Subscription& subscription,
                                 std::optional<std::uint64_t> after, std::uint64_t last) {
  if (subscription.stage == Subscription::Stage::joining) {
    subscription.cursor = DeliveryCursor(after.value_or(last));
    start_catch_up(caller, conversation_id, subscription);
  } else if (after && subscription.cursor.extend_to(*after) && subscription.stage == Subscription::Stage::live) {
    start_catch_up(caller, conversation_id, subscription);
  }
}

runtime::Awaitable<base::Result<bool>> MessageHub::exists(runtime::Shard& shard, const std::string& conversation_id) {
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  const base::SteadyTime patience_ends = base::SteadyClock::now() + kLookUpTimeout;
  while (true) {
    const auto ask = [&](auto done) { parts_.conversations.exists(conversation_id, std::move(done)); };
    base::Result<bool> exists = co_await runtime::await_callback<base::Result<bool>>(
        shard, ask, kLookUpTimeout, [] { return base::Result<bool>(store_busy()); });
    // Moved: of a const one the coroutine would make its result by the conversion to bool, which is has_value().
    if (!is_busy(exists) || base::SteadyClock::now() > patience_ends) co_return std::move(exists);
    co_await rest(shard, busy.next());
  }
}

runtime::Awaitable<base::Result<std::uint64_t>> MessageHub::last_sequence_of(runtime::Shard& shard,
                                                                             const std::string& conversation_id) {
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  const base::SteadyTime patience_ends = base::SteadyClock::now() + kLookUpTimeout;
  while (true) {
    const auto look_up = [this, conversation_id] { return parts_.reader.last_sequence(conversation_id); };
    base::Result<std::uint64_t> last =
        co_await runtime::await_blocking(shard, parts_.blocking, look_up, base::Result<std::uint64_t>(store_busy()));
    if (!is_busy(last) || base::SteadyClock::now() > patience_ends) co_return std::move(last);
    co_await rest(shard, busy.next());
  }
}

// Null when the client has left since, also if it has joined anew.
MessageHub::Subscription* MessageHub::find(const Caller& caller, const std::string& conversation_id,
                                           std::uint64_t ticket) {
  if (!caller->is_open()) return nullptr;
  Subscription* found = front_of(*caller).subscriptions.find(conversation_id, *caller);
  return found != nullptr && found->ticket == ticket ? found : nullptr;
}

// Sends what the client is owed from the store, page by page, until it has had all that was announced; then the
// subscription is live. Ends early when the client leaves. A store that cannot be read now is asked again, at longer
// and longer intervals: after a restart thousands catch up at once, and would come back as many if they were sent away.
runtime::Awaitable<void> MessageHub::catch_up(Caller caller, std::string conversation_id, std::uint64_t ticket) {
  Front& front = front_of(*caller);
  base::Backoff busy(kBusyPause, kBusyPauseMax);
  base::Backoff absent(kAbsentPause, kAbsentPauseMax);
  int looked_in_vain = 0;
  Subscription* mine = find(caller, conversation_id, ticket);
  while (mine != nullptr) {
    const DeliveryCursor::Range range = mine->cursor.next();
    const PageQuery query{.after = range.after, .limit = kCatchUpRows};
    if (range.end == DeliveryCursor::kNoEnd) mine->missed = false;
    const auto look_up = [this, conversation_id, query] { return parts_.reader.page(conversation_id, query); };
    const base::Result<Page> page =
        co_await runtime::await_blocking(front.shard, parts_.blocking, look_up, base::Result<Page>(store_busy()));
    mine = find(caller, conversation_id, ticket);
    if (mine == nullptr) co_return;
    if (!page && page.error().code != base::ErrorCode::corrupt) {
      count_retry(page.error());
      co_await rest(front.shard, busy.next());
      mine = find(caller, conversation_id, ticket);
      continue;
    }
    busy.reset();
    const std::span<const StoredRow> rows =
        page ? std::span<const StoredRow>(page->rows) : std::span<const StoredRow>();
    for (const StoredRow& row : rows) {
      if (row.sequence > range.end) break;
      const signalr::PreparedMessage message(receive_message(row.json));
      while (!caller->offer(message)) {
        const bool room = co_await wait_for_room(*caller);
        if (!room) co_return;
        mine = find(caller, conversation_id, ticket);
        if (mine == nullptr) co_return;
      }
      mine->cursor.advance(range, row.sequence);
    }
    if (page && page->has_more && rows.back().sequence < range.end) continue;
    if (range.end != DeliveryCursor::kNoEnd) {
      mine->cursor.advance(range, range.end);
      continue;
    }
    const Room& room = front.deliveries.room_of(conversation_id);
    // What was announced is in the store, but for two cases: a new primary of MongoDB knows a moment late what the
    // majority has, and somebody has deleted or damaged the row.
    looked_in_vain = rows.empty() ? looked_in_vain + 1 : 0;
    const bool has_all = room.announced() <= mine->cursor.delivered() || looked_in_vain > kLooksForAbsent;
    if (mine->cursor.is_at_end() && has_all && !mine->missed) {
      mine->live_from = room.end();
      mine->stage = Subscription::Stage::live;
      co_return;
    }
    if (!rows.empty()) continue;
    co_await rest(front.shard, absent.next());
    mine = find(caller, conversation_id, ticket);
  }
}

runtime::Awaitable<void> MessageHub::rest(runtime::Shard& shard, std::chrono::milliseconds pause) {
  runtime::Timer timer(shard.executor());
  timer.expires_after(pause);
  co_await timer.async_wait(runtime::use_awaitable);
}

void MessageHub::count_retry(const base::Error& error) {
  parts_.catch_up_retried();
  const base::SteadyTime now = base::SteadyClock::now();
  base::SteadyTime due = next_retry_line_.load();
  if (now < due || !next_retry_line_.compare_exchange_strong(due, now + kRetryLineInterval)) return;
  logging::warning("Hub clients wait for the history, which cannot be read now; they ask again: " + error.text);
}

// False when the connection ended, by itself or because the client has not read enough for too long.
runtime::Awaitable<bool> MessageHub::wait_for_room(HubConnection& connection) {
  const base::SteadyTime patience_ends = base::SteadyClock::now() + parts_.slow_client_patience;
  runtime::Timer pause(connection.shard().executor());
  do {
    if (base::SteadyClock::now() >= patience_ends) connection.close_as_slow();
    pause.expires_after(kRoomPause);
    co_await pause.async_wait(runtime::use_awaitable);
  } while (connection.is_open() && connection.egress_bytes() > parts_.catch_up_egress_bytes);
  co_return connection.is_open();
}

runtime::Awaitable<MethodResult> MessageHub::leave(Caller caller, Values arguments) {
  const std::string* id = arguments.size() == 1 ? arguments[0].if_string() : nullptr;
  if (id == nullptr) co_return BindingError{"LeaveConversation expects one argument, the conversationId."};
  if (auto wrong = check_conversation_id(*id)) co_return std::move(*wrong);
  remove(front_of(*caller), *id, *caller);
  co_return Outcome(signalr::NoResult());
}

void MessageHub::remove(Front& front, const std::string& conversation_id, HubConnection& connection) {
  if (front.subscriptions.remove(conversation_id, connection)) close_if_empty(front, conversation_id);
}

// One member has left.
void MessageHub::close_if_empty(Front& front, const std::string& conversation_id) {
  listened_.remove(conversation_id);
  if (front.subscriptions.members(conversation_id) == nullptr) front.deliveries.close(conversation_id);
}

runtime::Awaitable<MethodResult> MessageHub::send(Caller caller, Values arguments) {
  const auto* unreadable = arguments.empty() ? nullptr : arguments[0].get_if<signalr::Unreadable>();
  if (unreadable != nullptr) co_return Outcome(Failure{"conversationId " + unreadable->reason});
  const std::string* id = arguments.size() == 2 ? arguments[0].if_string() : nullptr;
  const bool message = arguments.size() == 2 && arguments[1].get_if<Value::Object>() != nullptr;
  if (id == nullptr || !message) co_return BindingError{"SendMessage expects a conversationId and a message object."};
  const base::SteadyTime started = base::SteadyClock::now();
  if (const auto refusal = parts_.intake.refusal(caller->shard(), started)) co_return Outcome(Failure{refusal->text});
  Draft draft;
  draft.conversation_id = *id;
  draft.sender_id = member(arguments[1], "senderId", draft.errors);
  draft.sender_type = member(arguments[1], "senderType", draft.errors);
  draft.content = member(arguments[1], "content", draft.errors);
  draft.temporary_message_id = member(arguments[1], "temporaryMessageId", draft.errors);
  const IngressOutcome outcome = co_await parts_.intake.accept(caller->shard(), std::move(draft));
  parts_.intake.count(outcome, started);
  if (Intake::is_to_slow_down(outcome)) co_await Intake::slow_down(caller->shard());
  if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
    Front& front = front_of(*caller);
    senders_.remember(accepted->message->id, {front.shard.index(), caller.get(), front.life_of(*caller)});
  }
  co_return outcome_result(outcome);
}

// Events have passed unseen. The store is ahead of them, but a catch-up under way may have read it just before.
void MessageHub::look_into_store(HubConnection& connection, const std::string& conversation_id,
                                 Subscription& subscription) {
  subscription.missed = true;
  if (subscription.stage != Subscription::Stage::live) return;
  start_catch_up(connection.shared_from_this(), conversation_id, subscription);
}

// Sends the client on from the store, at its own pace. Posted, so that the answer to a join goes out before the first
// message.
void MessageHub::start_catch_up(Caller caller, const std::string& conversation_id, Subscription& subscription) {
  subscription.stage = Subscription::Stage::catching_up;
  const runtime::Executor executor = caller->shard().executor();
  runtime::spawn(executor, catch_up(std::move(caller), conversation_id, subscription.ticket), "A client's catch-up");
}

}  // namespace message_service::api
