#include "api/dead_letter_routes.h"

#include <utility>

#include "api/http_responses.h"
#include "http/codec/problem.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"

namespace message_service::api {

namespace {

// Takes as long for a nearly right token as for a wrong one.
bool equals_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different =
        static_cast<unsigned char>(different | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return different == 0;
}

}  // namespace

void DeadLetterRoutes::add_to(http::Router& router) {
  router.add("POST", "/admin/dead-letters/{}", [this](http::Exchange& exchange) { return answer(exchange); });
}

bool DeadLetterRoutes::knows_token(std::string_view authorization) const {
  constexpr std::string_view kScheme = "Bearer ";
  return authorization.starts_with(kScheme) && equals_in_constant_time(authorization.substr(kScheme.size()), token_);
}

runtime::Awaitable<http::Response> DeadLetterRoutes::answer(http::Exchange& exchange) {
  if (!knows_token(exchange.request.header("Authorization"))) {
    auto response =
        http::problem_response({.status = 401, .detail = "the token of the data folder is needed"}, exchange.trace_id);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    co_return response;
  }
  const auto ask = [this, action = std::string(exchange.request.parameters[0]),
                    body = std::string(exchange.request.body)] { return service_.answer(action, body); };
  base::Result<std::string> json =
      co_await runtime::await_blocking(exchange.shard, blocking_, ask, base::Result<std::string>(store_busy()));
  if (!json) co_return error_response(json.error(), exchange.trace_id);
  co_return json_response(200, std::move(*json));
}

}  // namespace message_service::api
