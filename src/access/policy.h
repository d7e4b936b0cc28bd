// Decides, before a request's body is read, who its caller is and whether the route is for such a caller.
//
// Owned by the service; every shard asks it. What a caller may do within one conversation the handlers ask
// ConversationPolicy.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "access/authenticator.h"
#include "access/rate_limits.h"
#include "access/revocations.h"
#include "http/routing/router.h"

namespace message_service::access {

class Policy {
 public:
  // `authenticator`: null while sign-in is off, and then nobody has limits. `admin_token`: of the data folder, counts
  // as an operator; empty: none. `limits` and `revocations` outlive it.
  Policy(Authenticator* authenticator, std::string admin_token, RateLimits& limits, const Revocations& revocations)
      : authenticator_(authenticator),
        admin_token_(std::move(admin_token)),
        limits_(limits),
        revocations_(revocations) {}

  // For Router::set_policy: an answer refuses the request. Sets the exchange's principal to an Identity.
  runtime::Awaitable<std::optional<http::Response>> check(http::Exchange& exchange) const;

 private:
  runtime::Awaitable<std::optional<http::Response>> sign_in(http::Exchange& exchange) const;
  std::optional<http::Response> refuse_above_limit(const http::Exchange& exchange) const;
  bool is_admin_token(std::string_view token) const;

  Authenticator* const authenticator_;
  const std::string admin_token_;
  RateLimits& limits_;
  const Revocations& revocations_;
};

}  // namespace message_service::access
