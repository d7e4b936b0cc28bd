#include "transport/signalr/session/endpoint.h"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "transport/signalr/codec/negotiate.h"
#include "transport/signalr/session/upgrade.h"

namespace message_service::signalr {

namespace {

constexpr auto kTickInterval = std::chrono::seconds(1);
constexpr std::array kTransports{Transport::websockets};

}  // namespace

// One shard's connections.
struct HubEndpoint::Front {
  explicit Front(Shard& its_shard) : shard(its_shard) {}

  Shard& shard;
  std::unordered_set<std::shared_ptr<HubConnection>> connections;
  SteadyTime ticked_at{};
};

HubEndpoint::HubEndpoint(Shards& shards, const Hub& hub, const http::CorsPolicy& cors, const EndpointOptions& options,
                         ConnectionObserver observer)
    : hub_(hub),
      cors_(cors),
      options_(options),
      observer_(std::move(observer)),
      negotiated_(options.disconnect_timeout, options.connections_max) {
  for (const auto& shard : shards) {
    Front& front = *fronts_.emplace_back(std::make_unique<Front>(*shard));
    shard->on_tick([this, &front] {
      const SteadyTime now = front.shard.now();
      if (now - front.ticked_at < kTickInterval) return;
      front.ticked_at = now;
      negotiated_.sweep(now);
      for (const auto& connection : front.connections) connection->tick(now);
    });
  }
}

HubEndpoint::~HubEndpoint() = default;

void HubEndpoint::add_routes(http::Router& router, const std::string& path) {
  router.add("POST", path + "/negotiate",
             [this](http::Exchange& exchange) -> Awaitable<http::Response> { co_return negotiate(exchange); });
  router.add("GET", path, [this](http::Exchange& exchange) -> Awaitable<http::Response> { co_return open(exchange); });
}

http::Response HubEndpoint::negotiate(const http::Exchange& exchange) {
  http::Response response{.content_type = "application/json"};
  const http::Target& target = exchange.request.target;
  const auto request =
      read_negotiate(target.query_value("negotiateVersion"), target.query_value("useStatefulReconnect"));
  if (!request) {
    response.body = negotiate_error(request.error().text);
    return response;
  }
  const ConnectionIds ids = make_connection_ids(request->version);
  if (draining_ || connections_ >= options_.connections_max || !negotiated_.add(ids, exchange.shard.now())) {
    response.status = 503;
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
  response.body = negotiate_body(*request, ids, kTransports);
  return response;
}

http::Response HubEndpoint::open(const http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  const auto token = request.target.query_value("id");
  if (!asks_for_websocket(request)) {
    return token ? text_response(404, "No Connection with that ID") : text_response(400, "Connection ID required");
  }
  if (auto refusal = refuse_upgrade(request)) return std::move(*refusal);
  if (!cors_.allows_socket(request)) return text_response(403, "This origin may not open a connection");
  if (draining_ || connections_ >= options_.connections_max) {
    auto response = text_response(503, "No more connections are taken now");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }

  std::string connection_id;
  if (token) {
    auto opened = negotiated_.open(std::string(*token));
    if (opened.opening == Negotiated::Opening::unknown) return text_response(404, "No Connection with that ID");
    if (opened.opening == Negotiated::Opening::in_use) return text_response(409, "The connection is in use");
    connection_id = std::move(opened.connection_id);
  } else {
    connection_id = random_token();  // the client has skipped the negotiation
  }
  Front& front = *fronts_[exchange.shard.index()];
  return accept_upgrade(
      request, [this, &front, token = std::string(token.value_or("")), connection_id](http::Upgraded upgraded) {
        return serve(front, token, connection_id, std::move(upgraded));
      });
}

Awaitable<void> HubEndpoint::serve(Front& front, std::string token, std::string connection_id,
                                   http::Upgraded upgraded) {
  const auto connection =
      std::make_shared<HubConnection>(front.shard, hub_, options_.connection, observer_, std::move(connection_id));
  front.connections.insert(connection);
  ++connections_;
  co_await connection->run(std::move(upgraded.socket), std::move(upgraded.leftover));
  --connections_;
  front.connections.erase(connection);
  if (!token.empty()) negotiated_.forget(token);
}

void HubEndpoint::drain() {
  draining_ = true;
  for (const auto& front : fronts_) {
    asio::post(front->shard.executor(), [&front = *front] {
      for (const auto& connection : front.connections) connection->close({}, true);
    });
  }
}

}  // namespace message_service::signalr
