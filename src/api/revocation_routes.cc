#include "api/revocation_routes.h"

#include <optional>
#include <string>
#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "api/json_body.h"
#include "base/json_object_writer.h"
#include "http/codec/problem.h"
#include "logging/logging.h"
#include "model/validation.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"
#include "wire/revocation_json.h"

namespace message_service::api {

void add_revocation_routes(http::Router& router, access::Revocations& revocations, base::BlockingExecutor blocking,
                           const Limits& limits) {
  const auto answer = [&revocations, blocking = std::move(blocking),
                       limits](http::Exchange& exchange) -> runtime::Awaitable<http::Response> {
    if (auto refusal = refuse_unless_json(exchange)) co_return std::move(*refusal);
    FieldErrors errors;
    const auto wanted = wire::read_revocation_request(exchange.request.body, base::wall_now(), errors);
    if (!wanted) {
      const std::string detail = "the body " + wanted.error().text;
      co_return http::problem_response({.status = 400, .detail = detail}, exchange.trace_id);
    }
    if (errors.empty()) check_id("sub", wanted->subject, limits, errors);
    if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
    const auto add = [&revocations, revocation = *wanted] {
      return revocations.add(revocation.subject, revocation.issued_before);
    };
    const base::Result<void> added =
        co_await runtime::await_blocking(exchange.shard, blocking, add, base::Result<void>(store_busy()));
    if (!added) co_return operators_error_response(added.error(), exchange.trace_id);
    std::string json;
    base::JsonObjectWriter(json).string("sub", wanted->subject).time("issuedBefore", wanted->issued_before).close();
    co_return json_response(201, std::move(json));
  };
  router.add("POST", "/admin/revocations", {.access = access::kOperator}, answer);
}

}  // namespace message_service::api
