#include "api/dead_letter_routes.h"

#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"

namespace message_service::api {

void DeadLetterRoutes::add_to(http::Router& router) {
  router.add("GET", "/admin/dead-letters", {.access = access::kOperator},
             [this](http::Exchange& exchange) { return answer(exchange, "list", R"({"letters":[]})"); });
  router.add("POST", "/admin/dead-letters/{}", {.access = access::kOperator}, [this](http::Exchange& exchange) {
    return answer(exchange, std::string(exchange.request.parameters[0]), std::string(exchange.request.body));
  });
}

runtime::Awaitable<http::Response> DeadLetterRoutes::answer(http::Exchange& exchange, std::string action,
                                                            std::string body) {
  const auto ask = [this, action = std::move(action), body = std::move(body)] { return service_.answer(action, body); };
  base::Result<std::string> json =
      co_await runtime::await_blocking(exchange.shard, blocking_, ask, base::Result<std::string>(store_busy()));
  if (!json) co_return operators_error_response(json.error(), exchange.trace_id);
  co_return json_response(200, std::move(*json));
}

}  // namespace message_service::api
