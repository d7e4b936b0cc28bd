#include "access/policy.h"

#include <memory>
#include <variant>

#include "access/access.h"
#include "access/bearer.h"
#include "base/constant_time.h"

namespace message_service::access {

bool Policy::is_admin_token(std::string_view token) const {
  return !admin_token_.empty() && base::equals_in_constant_time(token, admin_token_);
}

runtime::Awaitable<std::optional<http::Response>> Policy::check(http::Exchange& exchange) const {
  const std::string_view needs = exchange.access;
  if (needs == kOpen) co_return std::nullopt;
  if (needs == kSignedIn || needs == kHub) {
    if (authenticator_ == nullptr) co_return std::nullopt;
    co_return co_await sign_in(exchange);
  }
  if (needs == kFigures && authenticator_ == nullptr) co_return std::nullopt;
  if (needs != kFigures && needs != kOperator) co_return forbidden("nobody may use this route", exchange);

  if (is_admin_token(bearer_token(exchange.request, false))) {
    auto admin = std::make_shared<Identity>();
    admin->scopes.add(Scope::operate);
    exchange.principal = std::move(admin);
    co_return std::nullopt;
  }
  if (authenticator_ == nullptr) co_return unauthorized("", exchange);
  auto refusal = co_await sign_in(exchange);
  if (refusal) co_return refusal;
  if (identity_of(exchange)->scopes.has(Scope::operate)) co_return std::nullopt;
  co_return forbidden("the token needs the scope operator", exchange);
}

runtime::Awaitable<std::optional<http::Response>> Policy::sign_in(http::Exchange& exchange) const {
  const std::string token = bearer_token(exchange.request, exchange.access == kHub);
  if (token.empty()) co_return unauthorized("", exchange);
  auto outcome = co_await authenticator_->authenticate(exchange.shard, token);
  if (auto* identity = std::get_if<SharedIdentity>(&outcome)) {
    exchange.principal = std::move(*identity);
    co_return std::nullopt;
  }
  const Refusal& refusal = std::get<Refusal>(outcome);
  if (!refusal.no_keys) co_return unauthorized(refusal.text, exchange);
  auto response = http::problem_response(
      {.status = 503, .detail = "no keys to check tokens with are known yet", .reason = "no-keys"}, exchange.trace_id);
  response.headers.emplace_back("Retry-After", "5");
  co_return response;
}

}  // namespace message_service::access
