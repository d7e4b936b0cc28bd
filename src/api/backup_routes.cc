#include "api/backup_routes.h"

#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "api/json_body.h"
#include "http/codec/problem.h"
#include "runtime/await_callback.h"

namespace message_service::api {

void add_backup_routes(http::Router& router, CreateBackup create, base::BlockingExecutor executor) {
  const auto answer = [create = std::move(create),
                       executor = std::move(executor)](http::Exchange& exchange) -> runtime::Awaitable<http::Response> {
    if (auto refusal = refuse_unless_json(exchange)) co_return std::move(*refusal);
    const auto request = wire::read_backup_request(exchange.request.body);
    if (!request) {
      const std::string detail = "the body " + request.error().text;
      co_return http::problem_response({.status = 400, .detail = detail}, exchange.trace_id);
    }
    const auto make = [create, wanted = *request] { return create(wanted); };
    const base::Error busy{base::ErrorCode::conflict, "a backup is under way already"};
    const base::Result<Backup> backup =
        co_await runtime::await_blocking(exchange.shard, executor, make, base::Result<Backup>(busy));
    if (!backup) co_return operators_error_response(backup.error(), exchange.trace_id);
    co_return json_response(201, wire::backup_json(*backup));
  };
  router.add("POST", "/admin/backups", {.access = access::kOperator}, answer);
}

}  // namespace message_service::api
