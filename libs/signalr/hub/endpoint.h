// A hub under a path: its connections on every transport, and the hub's protocol on each.
//
// Construct after Shards and before they run. Destroy after Shards have stopped and before they are destroyed. Any
// other thread may call drain(), abort() and connections().
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "signalr/connection/transport_endpoint.h"
#include "signalr/hub/hub.h"
#include "signalr/hub/hub_connection.h"

namespace signalr {

struct EndpointOptions {
  ConnectionOptions connection;
  TransportEndpointOptions connections;
};

class HubEndpoint {
 public:
  HubEndpoint(runtime::Shards& shards, const Hub& hub, const http::CorsPolicy& cors, EndpointOptions options,
              ConnectionObserver observer);

  // `access`: what the routes need, for the router's policy; a literal.
  void add_routes(http::Router& router, const std::string& path, std::string_view access = {}) {
    transports_.add_routes(router, path, access);
  }

  // Asks every client to reconnect, a few at a time until `spread` is over, and takes no new clients.
  void drain(std::chrono::milliseconds spread) { transports_.drain(spread); }

  // Ends the remaining connections.
  void abort() { transports_.abort(); }

  // For when memory is short, see TransportEndpoint.
  std::size_t drop_unopened() { return transports_.drop_unopened(); }
  void drop_slow(std::size_t bytes) { transports_.drop_slow(bytes); }
  void end_if(std::function<bool(const http::Principal&)> may_not_stay) { transports_.end_if(std::move(may_not_stay)); }

  std::size_t connections() const { return transports_.connections(); }

 private:
  runtime::Awaitable<void> serve(std::shared_ptr<TransportConnection> transport);

  const Hub& hub_;
  const ConnectionOptions options_;
  const ConnectionObserver observer_;
  TransportEndpoint transports_;
};

}  // namespace signalr
