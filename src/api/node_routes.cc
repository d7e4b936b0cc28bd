#include "api/node_routes.h"

#include <boost/json.hpp>
#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"

namespace message_service::api {

namespace {

boost::json::object node_json(const SeenNode& node) {
  const auto& [card, silent_for] = node;
  return {{"id", card.id},
          {"name", card.name},
          {"program", card.program},
          {"roles", card.roles},
          {"reads", card.reads},
          {"waits", boost::json::array(card.waits.begin(), card.waits.end())},
          {"silentForMs", silent_for.count()},
          {"isPresent", silent_for < kNodeGoneAfter}};
}

}  // namespace

void add_node_routes(http::Router& router, VersionRegister& versions, base::BlockingExecutor blocking) {
  const auto answer = [&versions,
                       blocking = std::move(blocking)](http::Exchange& exchange) -> runtime::Awaitable<http::Response> {
    const auto ask = [&versions] { return versions.nodes(); };
    const base::Result<std::vector<SeenNode>> nodes = co_await runtime::await_blocking(
        exchange.shard, blocking, ask, base::Result<std::vector<SeenNode>>(store_busy()));
    if (!nodes) co_return operators_error_response(nodes.error(), exchange.trace_id);
    boost::json::array list;
    for (const SeenNode& node : *nodes) list.push_back(node_json(node));
    co_return json_response(200, boost::json::serialize(boost::json::object{{"nodes", std::move(list)}}));
  };
  router.add("GET", "/admin/nodes", {.access = access::kFigures}, answer);
}

}  // namespace message_service::api
