#include "access/policy.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "access/access.h"
#include "access/bearer.h"
#include "base/ascii.h"
#include "base/constant_time.h"
#include "http/codec/problem.h"
#include "logging/logging.h"
#include "runtime/rest.h"

namespace message_service::access {

namespace {

// The audit line of what an operator does; reading is no action.
void note_action(const http::Exchange& exchange, std::string_view who) {
  const http::Request& request = exchange.request;
  if (request.method == "GET" || request.method == "HEAD") return;
  std::string path;
  for (const auto& segment : request.target.segments) path.append("/").append(segment);
  logging::info("An operator acts", {{"who", who},
                                     {"action", std::string_view(std::string(request.method).append(" ").append(path))},
                                     {"from", std::string_view(request.client.to_string())},
                                     {logging::trace_id, std::string_view(exchange.trace_id.text())}});
}

// A hub connection begins with its negotiation, or with a request that names none.
bool begins_connection(const http::Exchange& exchange) {
  if (exchange.access != kHub) return false;
  const http::Target& target = exchange.request.target;
  if (exchange.request.method == "GET") return !target.query_value("id");
  return std::ranges::any_of(target.segments,
                             [](const auto& segment) { return base::equals_ignoring_case(segment, "negotiate"); });
}

http::Response no_keys(const http::Exchange& exchange) {
  auto response = http::problem_response(
      {.status = 503, .detail = "no keys to check tokens with are known yet", .reason = "no-keys"}, exchange.trace_id);
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

bool Policy::is_admin_token(std::string_view token) const {
  return !admin_token_.empty() && base::equals_in_constant_time(token, admin_token_);
}

runtime::Awaitable<std::optional<http::Response>> Policy::check(http::Exchange& exchange) const {
  const std::string_view needs = exchange.access;
  const bool management = exchange.request.door == kManagementDoor;
  const bool open_to_all = needs == kHealth || needs == kOperatorsPage;
  if (management && !open_to_all && needs != kFigures && needs != kOperator) {
    co_return http::problem_response({.status = 404, .detail = "this address is for operators"}, exchange.trace_id);
  }
  if (needs == kOpen || open_to_all || (management && needs == kFigures)) co_return std::nullopt;
  if (needs == kSignedIn || needs == kHub) {
    if (authenticator_ == nullptr) co_return std::nullopt;
    auto refusal = co_await sign_in(exchange);
    if (!refusal) refusal = refuse_above_limit(exchange);
    if (refusal && refusal->status == kTooMany) co_await runtime::rest(exchange.shard, kSlowDown);
    co_return refusal;
  }
  if (needs == kFigures && authenticator_ == nullptr) co_return std::nullopt;
  if (needs != kFigures && needs != kOperator) co_return forbidden("nobody may use this route", exchange);

  if (is_admin_token(bearer_token(exchange.request, false))) {
    auto admin = std::make_shared<Identity>();
    admin->scopes.add(Scope::operate);
    exchange.principal = std::move(admin);
    note_action(exchange, "the data folder's token");
    co_return std::nullopt;
  }
  if (authenticator_ == nullptr) co_return unauthorized("", exchange);
  auto refusal = co_await sign_in(exchange);
  if (refusal) co_return refusal;
  if (const auto caller = identity_of(exchange); caller->scopes.has(Scope::operate)) {
    note_action(exchange, caller->subject);
    co_return std::nullopt;
  }
  co_return forbidden("the token needs the scope operator", exchange);
}

std::optional<http::Response> Policy::refuse_above_limit(const http::Exchange& exchange) const {
  const bool connects = begins_connection(exchange);
  if (!connects && exchange.limit != kReads) return std::nullopt;
  const auto limited = limits_.take(connects ? Limit::connects : Limit::reads, identity_of(exchange));
  if (!limited) return std::nullopt;
  return too_many(*limited, exchange.trace_id);
}

runtime::Awaitable<std::optional<http::Response>> Policy::sign_in(http::Exchange& exchange) const {
  const std::string token = bearer_token(exchange.request, exchange.access == kHub);
  const auto& address = exchange.request.client;
  // A token that was good before costs nothing, so whoever shares an address with a stranger goes on.
  SharedIdentity identity = authenticator_->remembered(token);
  if (!identity) {
    if (const auto limited = limits_.look_at(address)) co_return too_many(*limited, exchange.trace_id);
    if (token.empty()) {
      limits_.note_refused(address);
      co_return unauthorized("", exchange);
    }
    auto outcome = co_await authenticator_->authenticate(exchange.shard, token);
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
      if (refusal->no_keys) co_return no_keys(exchange);
      limits_.note_refused(address);
      co_return unauthorized(refusal->text, exchange);
    }
    identity = std::get<SharedIdentity>(std::move(outcome));
  }
  if (revocations_.has(*identity)) co_return unauthorized("it was revoked", exchange);
  exchange.principal = std::move(identity);
  co_return std::nullopt;
}

}  // namespace message_service::access
