// A hub under a path: negotiation, the opening of transports, and the live connections of every shard.
//
// Made by the app after the shards and before they run; outlives them. drain() may be called from any other thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "runtime/executors/shard.h"
#include "transport/http/routes/cors.h"
#include "transport/http/routes/router.h"
#include "transport/signalr/hub/hub.h"
#include "transport/signalr/session/hub_connection.h"
#include "transport/signalr/session/negotiated.h"

namespace message_service::signalr {

struct EndpointOptions {
  ConnectionOptions connection;
  std::chrono::milliseconds disconnect_timeout = std::chrono::seconds(15);  // to open a transport after negotiation
  std::size_t connections_max = 100'000;
};

class HubEndpoint {
 public:
  HubEndpoint(Shards& shards, const Hub& hub, const http::CorsPolicy& cors, const EndpointOptions& options,
              ConnectionObserver observer);
  ~HubEndpoint();

  void add_routes(http::Router& router, const std::string& path);

  // Tells every client to reconnect, and takes no new ones.
  void drain();

  std::size_t connections() const { return connections_; }

 private:
  struct Front;
  http::Response negotiate(const http::Exchange& exchange);
  http::Response open(const http::Exchange& exchange);
  Awaitable<void> serve(Front& front, std::string token, std::string connection_id, http::Upgraded upgraded);

  const Hub& hub_;
  const http::CorsPolicy& cors_;
  const EndpointOptions options_;
  const ConnectionObserver observer_;
  Negotiated negotiated_;
  std::vector<std::unique_ptr<Front>> fronts_;  // by shard index
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<bool> draining_ = false;
};

}  // namespace message_service::signalr
