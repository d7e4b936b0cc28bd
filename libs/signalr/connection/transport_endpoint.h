// Everything under a hub's path (or a plain connection's): negotiation, the three transports, and the life of every
// connection from its negotiation until its client knows that it has ended.
//
// Construct after Shards and before they run. Destroy after Shards have stopped and before they are destroyed. Any
// other thread may call drain(), abort() and connections().
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/routing/cors.h"
#include "http/routing/router.h"
#include "signalr/connection/registry.h"
#include "signalr/connection/shard_connections.h"
#include "signalr/connection/transport_connection.h"
#include "websocket/codec/deflate_agreement.h"

namespace signalr {

// Whether a request is allowed, which user makes it, and until when the user's token holds.
struct Admission {
  bool admitted = true;
  std::optional<User> user{};
  TokenTimes times{};
};

// The application's answer to a negotiation. With neither a redirect nor an error, this server negotiates the
// connection.
struct NegotiationAnswer {
  std::string redirect_url{};
  std::string access_token{};  // for the redirect
  std::string error{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

struct TransportEndpointOptions {
  TransportOptions transport;
  std::vector<Transport> transports{Transport::websockets, Transport::server_sent_events, Transport::long_polling};
  bool allow_stateful_reconnect = false;
  // Whether clients may bring a new token to an open connection, as with .NET 11: see docs/signalr.md.
  bool refreshes_tokens = false;
  int negotiate_version_min = 0;
  std::size_t connections_max = 100'000;
  // Called for every request that belongs to a connection, after the router's policy.
  std::function<Admission(const http::Exchange&)> admit = [](const http::Exchange&) { return Admission(); };
  // Whether new connections are taken.
  std::function<bool()> takes_more = [] { return true; };
  std::function<NegotiationAnswer(const http::Request&)> negotiate = [](const http::Request&) {
    return NegotiationAnswer();
  };
};

class TransportEndpoint {
 public:
  // Serves a connection until it is over, on its shard.
  using Serve = std::function<runtime::Awaitable<void>(std::shared_ptr<TransportConnection>)>;

  TransportEndpoint(runtime::Shards& shards, const http::CorsPolicy& cors, TransportEndpointOptions options,
                    Serve serve);
  ~TransportEndpoint();

  // `access`: what the routes need, for the router's policy; a literal.
  void add_routes(http::Router& router, const std::string& path, std::string_view access = {});

  // Takes no new connections, and asks the open ones to end, a few at a time, until `spread` is over.
  void drain(std::chrono::milliseconds spread);

  // Ends the remaining connections now.
  void abort();

  // Memory is short: drops the connections that are negotiated and not opened. Returns how many.
  std::size_t drop_unopened() { return registry_->sweep(); }

  // Memory is short: closes every client for which more than `bytes` wait. The client may reconnect.
  void drop_slow(std::size_t bytes);

  // Ends the connections whose principal may not stay; their clients may connect again with another token. Any thread;
  // the predicate runs on the shards.
  void end_if(std::function<bool(const http::Principal&)> may_not_stay);

  // How many connections are open.
  std::size_t connections() const { return registry_->size(); }

 private:
  struct Asked;
  struct Post;

  runtime::Awaitable<http::Response> negotiate(http::Exchange& exchange);
  runtime::Awaitable<http::Response> get(http::Exchange& exchange);
  runtime::Awaitable<std::optional<http::Response>> admit_post(http::Exchange& exchange);
  runtime::Awaitable<http::Response> post(http::Exchange& exchange);
  runtime::Awaitable<http::Response> remove(http::Exchange& exchange);
  runtime::Awaitable<http::Response> refresh(http::Exchange& exchange);

  std::optional<http::Response> refuse(const http::Exchange& exchange, Asked& asked) const;
  std::optional<websocket::DeflateAgreement> agree_on_deflate(const http::Request& request) const;
  runtime::Awaitable<http::Response> open_socket(http::Exchange& exchange, Asked asked);
  http::Response open_new_socket(const http::Exchange& exchange, const Asked& asked);
  runtime::Awaitable<http::Response> resume_socket(http::Exchange& exchange, Asked asked);
  http::Response open_events(const http::Exchange& exchange, const Asked& asked);
  runtime::Awaitable<http::Response> poll(http::Exchange& exchange, Asked asked);

  template <class SpecificConnection, class... More>
  std::shared_ptr<SpecificConnection> make_connection(const http::Exchange& exchange, const Asked& asked,
                                                      Transport kind, More... more);
  bool offers(Transport kind) const;
  bool takes_no_more() const { return draining_ || registry_->is_full() || !options_.takes_more(); }
  runtime::Awaitable<void> serve(ShardConnections& front, std::shared_ptr<TransportConnection> transport,
                                 Registry::Lease lease);
  void on_all(const std::function<void(ShardConnections&)>& work);

  const http::CorsPolicy& cors_;
  const TransportEndpointOptions options_;
  const Serve serve_;
  const std::shared_ptr<Registry> registry_;
  std::vector<std::unique_ptr<ShardConnections>> shards_;  // by shard index
  std::atomic<bool> draining_ = false;
};

}  // namespace signalr
