#include "api/participant_routes.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "api/json_body.h"
#include "api/request_span.h"
#include "base/json_object_writer.h"
#include "http/codec/problem.h"
#include "model/no_conversation.h"
#include "model/validation.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"
#include "runtime/rest.h"
#include "wire/conversation_json.h"

namespace message_service::api {

namespace {

constexpr auto kGatePatience = std::chrono::seconds(2);
constexpr auto kGatePause = std::chrono::milliseconds(10);

const base::Error kOlderNodes{base::ErrorCode::refused,
                              "some nodes of the service are of a version that knows no changes of participants",
                              "older-nodes"};

// 400 for a conversation's id that can be none.
std::optional<http::Response> refuse_id(const http::Exchange& exchange, const Limits& limits) {
  FieldErrors errors;
  if (check_id("conversationId", exchange.request.parameters[0], limits, errors)) return std::nullopt;
  return invalid_response(errors, exchange.trace_id);
}

}  // namespace

void ParticipantRoutes::add_to(http::Router& router) {
  const auto calling = [this](runtime::Awaitable<Response> (ParticipantRoutes::*handler)(Exchange&)) {
    return [this, handler](Exchange& exchange) { return (this->*handler)(exchange); };
  };
  const auto change = [&](const char* method, const char* pattern, const char* span, const http::Handler& handler) {
    router.add(method, pattern, {.access = access::kSignedIn}, traced(parts_.traces, span, handler));
  };
  router.add("GET", "/api/conversations/{}/participants", {.access = access::kSignedIn, .limit = access::kReads},
             calling(&ParticipantRoutes::list));
  change("POST", "/api/conversations/{}/participants", "POST /api/conversations/{id}/participants",
         calling(&ParticipantRoutes::set));
  change("DELETE", "/api/conversations/{}/participants/{}", "DELETE /api/conversations/{id}/participants/{id}",
         calling(&ParticipantRoutes::remove));
}

runtime::Awaitable<http::Response> ParticipantRoutes::list(Exchange& exchange) {
  if (auto refusal = refuse_id(exchange, parts_.limits)) co_return std::move(*refusal);
  const auto caller = access::identity_of(exchange);
  const auto look_up = [this, caller, id = std::string(exchange.request.parameters[0])]() -> base::Result<std::string> {
    const auto standings = parts_.reader.participants(id);
    if (!standings) return standings.error();
    if (const auto allowed = parts_.policy.may_read_now(caller, id); !allowed) return allowed.error();
    if (!*standings) return no_conversation();
    std::string json;
    base::JsonObjectWriter(json)
        .raw("participants", wire::participants_json((*standings)->present(), wire::MemberRole::said))
        .close();
    return json;
  };
  base::Result<std::string> json = co_await runtime::await_blocking(exchange.shard, parts_.blocking, look_up,
                                                                    base::Result<std::string>(store_busy()));
  if (!json) co_return error_response(json.error(), exchange.trace_id);
  co_return json_response(200, std::move(*json));
}

runtime::Awaitable<http::Response> ParticipantRoutes::set(Exchange& exchange) {
  if (auto refusal = refuse_unless_json(exchange)) co_return std::move(*refusal);
  FieldErrors errors;
  auto participant = wire::read_participant_request(exchange.request.body, errors);
  if (!participant) {
    const std::string detail = "the body " + participant.error().text;
    co_return http::problem_response({.status = 400, .detail = detail}, exchange.trace_id);
  }
  if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
  const ParticipantChange wanted{.kind = ParticipantChange::Kind::set, .participant = std::move(*participant)};
  co_return co_await change(exchange, wanted);
}

runtime::Awaitable<http::Response> ParticipantRoutes::remove(Exchange& exchange) {
  const ParticipantChange wanted{.kind = ParticipantChange::Kind::remove,
                                 .participant = {.id = std::string(exchange.request.parameters[1]), .type = {}}};
  co_return co_await change(exchange, wanted);
}

runtime::Awaitable<http::Response> ParticipantRoutes::change(Exchange& exchange, const ParticipantChange& change) {
  if (auto refusal = refuse_id(exchange, parts_.limits)) co_return std::move(*refusal);
  const base::SteadyTime started = base::SteadyClock::now();
  if (const auto refusal = parts_.admission.refusal(exchange.shard, started)) {
    co_return error_response(*refusal, exchange.trace_id);
  }
  const http::Request& request = exchange.request;
  Draft draft;
  draft.conversation_id = request.parameters[0];
  draft.change = std::make_shared<const ParticipantChange>(change);
  draft.correlation_id = request.header("X-Correlation-ID");
  draft.traceparent = traceparent_of(exchange);
  if (const std::string_view key = request.header("Idempotency-Key"); !key.empty()) draft.idempotency_key = key;
  const auto caller = access::identity_of(exchange);
  const auto allowed = co_await parts_.policy.may_change(exchange.shard, caller, draft);
  if (!allowed) co_return error_response(allowed.error(), exchange.trace_id);
  if (const auto limited = parts_.admission.above_limit(caller, draft)) {
    co_await runtime::rest(exchange.shard, access::kSlowDown);
    co_return too_many(*limited, exchange.trace_id);
  }
  if (!co_await may_write_changes(exchange.shard)) co_return error_response(kOlderNodes, exchange.trace_id);
  if (change.kind == ParticipantChange::Kind::set) {
    const auto look_up = [this, id = draft.conversation_id, person = change.participant.id] {
      return has_room_for(id, person);
    };
    const base::Result<void> room =
        co_await runtime::await_blocking(exchange.shard, parts_.blocking, look_up, base::Result<void>(store_busy()));
    if (!room) co_return error_response(room.error(), exchange.trace_id);
  }
  const IngressOutcome outcome = co_await parts_.admission.accept(exchange.shard, std::move(draft));
  parts_.admission.count(outcome, started);
  if (AdmissionControl::is_to_slow_down(outcome)) co_await runtime::rest(exchange.shard, access::kSlowDown);
  co_return outcome_response(outcome, exchange.trace_id);
}

// The first change of all asks the other nodes, which takes a moment.
runtime::Awaitable<bool> ParticipantRoutes::may_write_changes(runtime::Shard& shard) {
  const base::SteadyTime patience_ends = base::SteadyClock::now() + kGatePatience;
  while (!parts_.gate.may_write(kVersionOfChanges)) {
    if (base::SteadyClock::now() > patience_ends) co_return false;
    co_await runtime::rest(shard, kGatePause);
  }
  co_return true;
}

// Blocks for the store. Changes that are under way at the same time may pass the limit together.
base::Result<void> ParticipantRoutes::has_room_for(const std::string& conversation_id, const std::string& person_id) {
  const auto standings = parts_.reader.participants(conversation_id);
  if (!standings) return standings.error();
  if (!*standings) return no_conversation();
  const Standing* standing = (*standings)->find(person_id);
  const bool takes_part = standing != nullptr && !standing->removed;
  if (takes_part || (*standings)->present().size() < parts_.limits.participants_max) return {};
  return base::Error{
      base::ErrorCode::conflict,
      "the conversation has " + std::to_string(parts_.limits.participants_max) + " participants, and can have no more"};
}

}  // namespace message_service::api
