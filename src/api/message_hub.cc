#include "api/message_hub.h"

#include <bit>
#include <cstdint>
#include <utility>
#include <variant>

#include "api/error_text.h"
#include "api/request_span.h"
#include "api/view_report_reader.h"
#include "base/json_object_writer.h"
#include "base/random.h"
#include "model/validation.h"
#include "runtime/rest.h"
#include "signalr/hub/convert.h"
#include "wire/message_json.h"

namespace message_service::api {

using signalr::BindingError;
using signalr::Failure;
using signalr::MethodResult;
using signalr::Outcome;
using signalr::RawJson;
using signalr::Value;

namespace {

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
  return Outcome(Failure{text_for_clients(std::get<base::Error>(outcome))});
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

MessageHub::MessageHub(const runtime::Shards& shards, AdmissionControl& admission, Delivery& delivery,
                       const access::ConversationPolicy& policy, access::RateLimits& rate_limits, ViewVerifier& views,
                       const MessageTraces& traces, const Options& options)
    : admission_(admission),
      delivery_(delivery),
      policy_(policy),
      rate_limits_(rate_limits),
      views_(views),
      traces_(traces),
      options_(options),
      subscribers_(shards.size()) {
  const auto add = [this](const char* name, runtime::Awaitable<MethodResult> (MessageHub::*method)(Caller, Values)) {
    hub_.add(name, [this, method](Caller caller, Values arguments) {
      return (this->*method)(std::move(caller), std::move(arguments));
    });
  };
  add("JoinConversation", &MessageHub::join);
  add("LeaveConversation", &MessageHub::leave);
  add("SendMessage", &MessageHub::send);
  add("ReportView", &MessageHub::report_view);
  hub_.on_renewed(
      [this](const signalr::Context& context) { return leave_what_is_forbidden(context.shared_connection()); });
  hub_.on_disconnected([this](const signalr::Context& context) { forget(context.connection()); });
  hub_.on_draining([this](signalr::HubConnection& connection) { say_farewell(connection); });
}

// Clients that are told different times do not come back all at once.
void MessageHub::say_farewell(signalr::HubConnection& connection) const {
  const auto random = std::bit_cast<std::uint32_t>(base::random_bytes<sizeof(std::uint32_t)>());
  const auto wait = static_cast<std::uint64_t>(options_.reconnect_within.count()) * random >> 32;
  std::string json;
  base::JsonObjectWriter(json).number("reconnectAfterMs", wait).close();
  connection.send(signalr::Invocation{.target = "ServiceStopping",
                                      .arguments = {signalr::Value(signalr::RawJson{std::move(json)})}});
}

const std::shared_ptr<HubSubscriber>& MessageHub::subscriber_of(const Caller& caller) {
  std::shared_ptr<HubSubscriber>& subscriber = subscribers_[caller->shard().index()][caller.get()];
  if (!subscriber) subscriber = std::make_shared<HubSubscriber>(caller);
  return subscriber;
}

void MessageHub::forget(signalr::HubConnection& connection) {
  const auto node = subscribers_[connection.shard().index()].extract(&connection);
  if (node) delivery_.on(connection.shard()).leave_all(*node.mapped());
}

// A new token may allow less than the one before.
runtime::Awaitable<void> MessageHub::leave_what_is_forbidden(Caller caller) {
  const Subscribers& subscribers = subscribers_[caller->shard().index()];
  const auto found = subscribers.find(caller.get());
  if (found == subscribers.end()) co_return;
  const std::shared_ptr<HubSubscriber> subscriber = found->second;
  ShardDelivery& delivery = delivery_.on(caller->shard());
  for (const std::string& id : delivery.joined_by(*subscriber)) {
    const auto allowed = co_await policy_.may_read(caller->shard(), identity_of(*caller), id);
    if (allowed || allowed.error().code != base::ErrorCode::forbidden) continue;
    delivery.leave(*subscriber, id);
    subscriber->removed_from(id);
  }
}

// Checks an id that a stranger chose, before any look-up or memory under it.
std::optional<MethodResult> MessageHub::check_conversation_id(const std::string& id) const {
  FieldErrors errors;
  if (check_id("conversationId", id, options_.limits, errors)) return std::nullopt;
  return Outcome(Failure{text_of(errors)});
}

runtime::Awaitable<MethodResult> MessageHub::join(Caller caller, Values arguments) {
  auto read = JoinRequest::read(arguments);
  if (auto* wrong = std::get_if<BindingError>(&read)) co_return std::move(*wrong);
  JoinRequest request = std::get<JoinRequest>(std::move(read));
  if (auto wrong = check_conversation_id(request.conversation_id)) co_return std::move(*wrong);
  if (const auto limited = rate_limits_.take(access::Limit::joins, identity_of(*caller))) {
    co_await runtime::rest(caller->shard(), access::kSlowDown);
    co_return Outcome(Failure{to_text(*limited)});
  }
  const base::Result<ShardDelivery::Joined> joined = co_await join_as_allowed(caller, request);
  if (!joined) co_return Outcome(Failure{text_for_clients(joined.error())});
  std::string json;
  base::JsonObjectWriter(json)
      .string("conversationId", request.conversation_id)
      .number("lastSequence", joined->last_sequence)
      .string("historyId", joined->history_id)
      .close();
  co_return Outcome(Value(RawJson{std::move(json)}));
}

// Blocks for the store.
base::Result<ShardDelivery::Permission> MessageHub::permission_of(const access::SharedIdentity& identity,
                                                                  const std::string& conversation_id) const {
  const auto view = policy_.may_read_now(identity, conversation_id);
  if (!view) return view.error();
  return ShardDelivery::Permission{.visible_after = view->after, .member_since = view->member_since};
}

// A token that comes while the join is under way has a check of its own, which does not know of the join yet.
runtime::Awaitable<base::Result<ShardDelivery::Joined>> MessageHub::join_as_allowed(Caller caller,
                                                                                    const JoinRequest& request) {
  ShardDelivery& delivery = delivery_.on(caller->shard());
  const std::shared_ptr<HubSubscriber> subscriber = subscriber_of(caller);
  while (true) {
    const access::SharedIdentity identity = identity_of(*caller);
    const bool had_joined = delivery.has_joined(*subscriber, request.conversation_id);
    const auto allowed = co_await policy_.may_read(caller->shard(), identity, request.conversation_id);
    if (!allowed) co_return allowed.error();
    ShardDelivery::AskPermission permission = [this, identity, id = request.conversation_id] {
      return permission_of(identity, id);
    };
    const auto joined =
        co_await delivery.join(subscriber, request.conversation_id, request.after, std::move(permission));
    if (identity_of(*caller) == identity) co_return joined;
    if (!had_joined) delivery.leave(*subscriber, request.conversation_id);
  }
}

runtime::Awaitable<MethodResult> MessageHub::leave(Caller caller, Values arguments) {
  const std::string* id = arguments.size() == 1 ? arguments[0].if_string() : nullptr;
  if (id == nullptr) co_return BindingError{"LeaveConversation expects one argument, the conversationId."};
  if (auto wrong = check_conversation_id(*id)) co_return std::move(*wrong);
  delivery_.on(caller->shard()).leave(*subscriber_of(caller), *id);
  co_return Outcome(signalr::NoResult());
}

runtime::Awaitable<MethodResult> MessageHub::send(Caller caller, Values arguments) {
  const auto* unreadable = arguments.empty() ? nullptr : arguments[0].get_if<signalr::Unreadable>();
  if (unreadable != nullptr) co_return Outcome(Failure{"conversationId " + unreadable->reason});
  const std::string* id = arguments.size() == 2 ? arguments[0].if_string() : nullptr;
  const bool message = arguments.size() == 2 && arguments[1].get_if<Value::Object>() != nullptr;
  if (id == nullptr || !message) co_return BindingError{"SendMessage expects a conversationId and a message object."};
  const base::SteadyTime started = base::SteadyClock::now();
  if (const auto refusal = admission_.refusal(caller->shard(), started)) co_return Outcome(Failure{refusal->text});
  auto [span, traceparent] = start_hub_send(traces_);
  Draft draft;
  draft.traceparent = std::move(traceparent);
  draft.conversation_id = *id;
  draft.sender_id = member(arguments[1], "senderId", draft.errors);
  draft.sender_type = member(arguments[1], "senderType", draft.errors);
  draft.content = member(arguments[1], "content", draft.errors);
  draft.temporary_message_id = member(arguments[1], "temporaryMessageId", draft.errors);
  if (const auto identity = identity_of(*caller)) {
    if (auto wrong = check_conversation_id(draft.conversation_id)) co_return std::move(*wrong);
    const auto allowed = co_await policy_.may_send(caller->shard(), identity, draft);
    if (!allowed) co_return Outcome(Failure{text_for_clients(allowed.error())});
    if (const auto limited = admission_.above_limit(identity, draft)) {
      co_await runtime::rest(caller->shard(), access::kSlowDown);
      co_return Outcome(Failure{to_text(*limited)});
    }
  }
  const IngressOutcome outcome = co_await admission_.accept(caller->shard(), std::move(draft));
  admission_.count(outcome, started);
  finish_hub_send(span, outcome);
  if (AdmissionControl::is_to_slow_down(outcome)) co_await runtime::rest(caller->shard(), access::kSlowDown);
  if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
    delivery_.on(caller->shard()).note_sender(accepted->message->id, subscriber_of(caller));
  }
  co_return outcome_result(outcome);
}

// Answers before the report is compared, so that nobody waits for it and nobody learns the result by it.
runtime::Awaitable<MethodResult> MessageHub::report_view(Caller caller, Values arguments) {
  if (arguments.size() != 1) co_return BindingError{"ReportView expects one argument, the report."};
  auto read = read_view_report(arguments[0], options_.limits);
  if (const auto* errors = std::get_if<FieldErrors>(&read)) co_return Outcome(Failure{text_of(*errors)});
  ViewReport report = std::get<ViewReport>(std::move(read));
  const access::SharedIdentity identity = identity_of(*caller);
  if (const auto limited = rate_limits_.take(access::Limit::reads, identity)) {
    co_await runtime::rest(caller->shard(), access::kSlowDown);
    co_return Outcome(Failure{to_text(*limited)});
  }
  const auto view = co_await policy_.view(caller->shard(), identity, report.conversation_id);
  if (!view) co_return Outcome(Failure{text_for_clients(view.error())});
  if (report.from <= view->after) {
    views_.pass_over();
    co_return Outcome(signalr::NoResult());
  }
  if (identity) report.person = identity->subject;
  report.connection_id = caller->id();
  const auto taken = views_.submit(std::move(report));
  if (!taken) {
    co_await runtime::rest(caller->shard(), access::kSlowDown);
    co_return Outcome(Failure{text_for_clients(taken.error())});
  }
  co_return Outcome(signalr::NoResult());
}

}  // namespace message_service::api
