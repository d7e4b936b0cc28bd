#include "signalr/connection/transport_endpoint.h"

#include <boost/asio/post.hpp>

#include "runtime/await_callback.h"
#include "runtime/on_shard.h"
#include "runtime/spawn.h"
#include "signalr/connection/connection_responses.h"
#include "signalr/connection/long_polling_connection.h"
#include "signalr/connection/renewal.h"
#include "signalr/connection/server_sent_events_connection.h"
#include "signalr/connection/shard_calls.h"
#include "signalr/connection/upgrade.h"
#include "signalr/connection/web_socket_connection.h"

namespace signalr {

// The token and the connection that a request names, and its user.
struct TransportEndpoint::Asked {
  std::string token;  // empty: none
  Registry::Entry entry;
  Renewal token_of_user;

  // For a connection that is open. Nothing: the request brings no token that ends.
  std::optional<Renewal> renewal() const {
    return token_of_user.times.expires_at ? std::optional(token_of_user) : std::nullopt;
  }
};

// A POST that the gate has let in.
struct TransportEndpoint::Post {
  Asked asked;
  Registry::Room room;
};

TransportEndpoint::TransportEndpoint(runtime::Shards& shards, const http::CorsPolicy& cors,
                                     TransportEndpointOptions options, Serve serve)
    : cors_(cors),
      options_(std::move(options)),
      serve_(std::move(serve)),
      registry_(
          std::make_shared<Registry>(Registry::Limits{.lifetime = options_.transport.disconnect_timeout,
                                                      .connections_max = options_.connections_max,
                                                      .posted_bytes_max = options_.transport.ingress_bytes_max})) {
  for (const auto& shard : shards) {
    ShardConnections& front = *shards_.emplace_back(std::make_unique<ShardConnections>(*shard));
    shard->on_tick([this, &front] {
      if (front.tick()) registry_->sweep(front.shard.now());
    });
  }
}

TransportEndpoint::~TransportEndpoint() {
  registry_->discard();
  for (const auto& front : shards_) {
    for (const auto& transport : front->transports) transport->discard();
  }
}

void TransportEndpoint::add_routes(http::Router& router, const std::string& path, std::string_view access) {
  using Method = runtime::Awaitable<http::Response> (TransportEndpoint::*)(http::Exchange&);
  const auto add = [&](const char* verb, const std::string& pattern, Method method, http::RouteOptions options = {}) {
    options.access = access;
    router.add(verb, pattern, std::move(options),
               [this, method](http::Exchange& exchange) { return (this->*method)(exchange); });
  };
  add("POST", path + "/negotiate", &TransportEndpoint::negotiate);
  add("GET", path, &TransportEndpoint::get);
  add("POST", path, &TransportEndpoint::post,
      {.body_bytes_max = options_.transport.post_bytes_max,
       .gate = [this](http::Exchange& exchange) { return admit_post(exchange); }});
  add("DELETE", path, &TransportEndpoint::remove);
  if (options_.refreshes_tokens) add("POST", path + "/refresh", &TransportEndpoint::refresh);
}

runtime::Awaitable<http::Response> TransportEndpoint::negotiate(http::Exchange& exchange) {
  const Admission admission = options_.admit(exchange);
  if (!admission.admitted) co_return http::Response{.status = 401};
  NegotiationAnswer answer = options_.negotiate(exchange.request);
  http::Response response{.content_type = "application/json", .headers = std::move(answer.headers)};
  const http::Target& target = exchange.request.target;
  const auto asked = read_negotiate(target.query_value("negotiateVersion"), target.query_value("useStatefulReconnect"),
                                    options_.negotiate_version_min);
  if (!answer.error.empty()) {
    response.body = negotiate_error(answer.error);
  } else if (!answer.redirect_url.empty()) {
    response.body = negotiate_redirect(answer.redirect_url, answer.access_token);
  } else if (!asked) {
    response.body = negotiate_error(asked.error().text);
  } else {
    const bool stateful = asked->use_stateful_reconnect && options_.allow_stateful_reconnect;
    const ConnectionIds ids = make_connection_ids(asked->version);
    Registry::Entry entry{.connection_id = {}, .user_id = id_of(admission.user), .stateful = stateful};
    const bool has_place =
        !takes_no_more() && registry_->add(ids, std::move(entry), exchange.request.client, exchange.shard.now());
    if (!has_place) co_return try_later();
    std::optional<std::int64_t> lifetime;
    if (options_.refreshes_tokens && admission.times.expires_at) lifetime = seconds_until(*admission.times.expires_at);
    response.body = negotiate_body(*asked, ids, options_.transports, stateful, lifetime);
  }
  co_return response;
}

// Finds the connection that the request names. Returns an answer when it refuses the request.
std::optional<http::Response> TransportEndpoint::refuse(const http::Exchange& exchange, Asked& asked) const {
  Admission admission = options_.admit(exchange);
  if (!admission.admitted) return http::Response{.status = 401};
  asked.token_of_user = {std::move(admission.user), exchange.principal, admission.times};
  asked.token = exchange.request.target.query_value("id").value_or("");
  if (asked.token.empty()) return text_response(400, "Connection ID required");
  auto entry = registry_->find(asked.token);
  if (!entry) return no_such_connection();
  if (entry->user_id != id_of(asked.token_of_user.user))
    return refuse_other_user(exchange.request, options_.refreshes_tokens);
  asked.entry = std::move(*entry);
  return std::nullopt;
}

bool TransportEndpoint::offers(Transport kind) const {
  return std::ranges::find(options_.transports, kind) != options_.transports.end();
}

runtime::Awaitable<http::Response> TransportEndpoint::get(http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  if (request.method != "GET") co_return text_response(405, {});
  const Transport kind = transport_of(request);
  Asked asked;
  auto refusal = refuse(exchange, asked);
  const bool unnamed = kind == Transport::websockets && asked.token.empty();  // the client has skipped the negotiation
  if (refusal && !(unnamed && refusal->status == 400)) co_return std::move(*refusal);
  if (!offers(kind)) {
    std::string text(transport_name(kind));
    co_return text_response(404, text.append(" transport not supported by this end point type"));
  }
  if (asked.entry.transport && asked.entry.transport->transport() != kind) {
    co_return text_response(400, "Cannot change transports mid-connection");
  }
  if (!asked.entry.transport && takes_no_more()) co_return try_later();
  switch (kind) {
    case Transport::websockets:
      co_return co_await open_socket(exchange, std::move(asked));
    case Transport::server_sent_events:
      co_return open_events(exchange, asked);
    case Transport::long_polling:
      break;
  }
  co_return co_await poll(exchange, std::move(asked));
}

template <class SpecificConnection, class... More>
std::shared_ptr<SpecificConnection> TransportEndpoint::make_connection(const http::Exchange& exchange,
                                                                       const Asked& asked, Transport kind,
                                                                       More... more) {
  OpeningRequest opening{
      .transport = kind, .query = exchange.request.target.query, .headers = exchange.request.headers->all()};
  if (asked.token_of_user.principal) forget_token(opening);
  std::string id = asked.token.empty() ? random_token() : asked.entry.connection_id;
  auto transport = std::make_shared<SpecificConnection>(exchange.shard, std::move(id), std::move(opening),
                                                        options_.transport, more...);
  transport->renew(asked.token_of_user.user, asked.token_of_user.principal, asked.token_of_user.times);
  return transport;
}

runtime::Awaitable<http::Response> TransportEndpoint::open_socket(http::Exchange& exchange, Asked asked) {
  if (auto refusal = refuse_upgrade(exchange.request)) co_return std::move(*refusal);
  if (!cors_.allows_socket(exchange.request)) co_return refuse_other_origin();
  if (asked.entry.transport) co_return co_await resume_socket(exchange, std::move(asked));
  co_return open_new_socket(exchange, asked);
}

std::optional<websocket::DeflateAgreement> TransportEndpoint::agree_on_deflate(const http::Request& request) const {
  if (!options_.transport.compression.enabled) return std::nullopt;
  return signalr::agree_on_deflate(request);
}

http::Response TransportEndpoint::open_new_socket(const http::Exchange& exchange, const Asked& asked) {
  auto transport = make_connection<WebSocketConnection>(exchange, asked, Transport::websockets, asked.entry.stateful);
  auto lease = asked.token.empty() ? registry_->open_unnamed() : registry_->open(asked.token, transport);
  if (!lease) return asked.token.empty() ? try_later() : connection_in_use();
  ShardConnections& front = *shards_[exchange.shard.index()];
  const auto deflate = agree_on_deflate(exchange.request);
  return accept_upgrade(exchange.request, deflate, [this, &front, transport, lease, deflate](http::Upgraded upgraded) {
    transport->attach(std::move(upgraded), deflate);
    return serve(front, transport, lease);
  });
}

// The client has lost its socket and comes back with another, while the first may still look alive.
runtime::Awaitable<http::Response> TransportEndpoint::resume_socket(http::Exchange& exchange, Asked asked) {
  const auto transport = std::static_pointer_cast<WebSocketConnection>(asked.entry.transport);
  const bool resumable = co_await runtime::on_shard(exchange.shard, transport->shard(), can_resume(transport));
  if (!resumable) co_return connection_in_use();
  const auto deflate = agree_on_deflate(exchange.request);
  co_return accept_upgrade(
      exchange.request, deflate, [transport, deflate](http::Upgraded upgraded) -> runtime::Awaitable<void> {
        // The first socket's session also waits for the end of this one; nothing is left to do here.
        auto moved = std::make_shared<http::Upgraded>(
            http::Upgraded{runtime::move_connection(std::move(upgraded.connection), transport->shard()),
                           std::move(upgraded.leftover)});
        boost::asio::post(transport->shard().executor(),
                          [transport, moved, deflate] { transport->attach(std::move(*moved), deflate); });
        co_return;
      });
}

http::Response TransportEndpoint::open_events(const http::Exchange& exchange, const Asked& asked) {
  if (asked.entry.transport) return connection_in_use();
  auto transport = make_connection<ServerSentEventsConnection>(exchange, asked, Transport::server_sent_events);
  auto lease = registry_->open(asked.token, transport);
  if (!lease) return connection_in_use();
  ShardConnections& front = *shards_[exchange.shard.index()];
  return ServerSentEventsConnection::opening_response([this, &front, transport, lease](http::Upgraded upgraded) {
    transport->attach(std::move(upgraded));
    return serve(front, transport, lease);
  });
}

runtime::Awaitable<http::Response> TransportEndpoint::poll(http::Exchange& exchange, Asked asked) {
  if (!asked.entry.transport) {
    const auto made = make_connection<LongPollingConnection>(exchange, asked, Transport::long_polling);
    if (auto lease = registry_->open(asked.token, made)) {
      ShardConnections& front = *shards_[exchange.shard.index()];
      runtime::spawn(exchange.shard.executor(), serve(front, made, std::move(lease)), "A connection");
      asked.entry.transport = made;
    } else {  // another poll was first
      const auto entry = registry_->find(asked.token);
      if (!entry) co_return no_such_connection();
      if (entry->transport->transport() != Transport::long_polling) {
        co_return text_response(400, "Cannot change transports mid-connection");
      }
      asked.entry.transport = entry->transport;
    }
  }
  const auto transport = std::static_pointer_cast<LongPollingConnection>(asked.entry.transport);
  const auto poll = std::make_shared<LongPollingConnection::Poll>();
  exchange.peer.watch([transport, poll] {
    boost::asio::post(transport->shard().executor(), [transport, poll] { transport->give_up(*poll); });
  });
  std::optional<Renewal> renewal = options_.refreshes_tokens ? asked.renewal() : std::nullopt;
  co_return co_await runtime::on_shard(exchange.shard, transport->shard(),
                                       wait_for_poll(transport, poll, std::move(renewal)));
}

// The session reads a body only for a connection that takes POSTs and has room for this one.
runtime::Awaitable<std::optional<http::Response>> TransportEndpoint::admit_post(http::Exchange& exchange) {
  const auto post = std::make_shared<Post>();
  if (auto refusal = refuse(exchange, post->asked)) co_return refusal;
  if (post->asked.entry.transport && !post->asked.entry.transport->takes_posts()) {
    co_return text_response(405, "POST requests are not allowed for WebSocket connections.");
  }
  const auto ask = [&](Registry::RoomDone done) {
    registry_->make_room(post->asked.token, exchange.request.body_bytes_max, std::move(done));
  };
  post->room = co_await runtime::await_callback<Registry::Room>(exchange.shard, ask);
  if (!post->room) co_return no_such_connection();
  exchange.pass = post;
  co_return std::nullopt;
}

// A client may POST before it opens a transport, of whichever kind; that transport reads these bytes first.
runtime::Awaitable<http::Response> TransportEndpoint::post(http::Exchange& exchange) {
  const auto post = std::static_pointer_cast<Post>(std::exchange(exchange.pass, nullptr));
  const std::string_view body = exchange.request.body;
  std::shared_ptr<TransportConnection> transport = post->asked.entry.transport;
  if (!transport) {
    if (registry_->post_early(post->asked.token, body, post->room)) co_return text_response(200, {});
    const auto entry = registry_->find(post->asked.token);
    transport = entry ? entry->transport : nullptr;
  }
  if (!transport) co_return no_such_connection();
  std::optional<Renewal> renewal = options_.refreshes_tokens ? post->asked.renewal() : std::nullopt;
  const bool taken =
      co_await runtime::on_shard(exchange.shard, transport->shard(),
                                 receive(transport, std::string(body), std::move(post->room), std::move(renewal)));
  co_return text_response(taken ? 200 : 404, {});
}

runtime::Awaitable<http::Response> TransportEndpoint::remove(http::Exchange& exchange) {
  Asked asked;
  if (auto refusal = refuse(exchange, asked)) co_return std::move(*refusal);
  if (!asked.entry.transport || asked.entry.transport->transport() != Transport::long_polling) {
    co_return text_response(400, "Cannot terminate this connection using the DELETE endpoint.");
  }
  const auto transport = std::static_pointer_cast<LongPollingConnection>(asked.entry.transport);
  co_await runtime::on_shard(exchange.shard, transport->shard(),
                             terminate(transport));  // a POST after the answer finds the connection closed
  co_return text_response(202, {});
}

// As .NET 11 has it, but that a token that ends earlier than the present one takes effect too.
runtime::Awaitable<http::Response> TransportEndpoint::refresh(http::Exchange& exchange) {
  Admission admission = options_.admit(exchange);
  if (!admission.admitted) co_return http::Response{.status = 401};
  const std::string token(exchange.request.header("X-SignalR-Connection-Token"));
  if (token.empty()) co_return refresh_error(400, "missing_connection_token");
  const auto entry = registry_->find(token);
  if (!entry || (entry->transport && !entry->transport->is_open()))
    co_return refresh_error(404, "connection_not_found");
  if (entry->user_id != id_of(admission.user)) co_return refresh_error(403, "user_changed");
  const TokenTimes times = admission.times;
  if (entry->transport) {  // else the request that opens a transport brings its own token
    Renewal renewal{std::move(admission.user), exchange.principal, times};
    co_await runtime::on_shard(exchange.shard, entry->transport->shard(),
                               take_over(entry->transport, std::move(renewal)));
  }
  co_return refreshed_until(times.expires_at.value_or(0));
}

runtime::Awaitable<void> TransportEndpoint::serve(ShardConnections& front,
                                                  std::shared_ptr<TransportConnection> transport,
                                                  Registry::Lease lease) {
  front.transports.insert(transport);
  bool failed = false;
  try {
    co_await serve_(transport);
  } catch (...) {
    failed = true;
    runtime::log_failure("A connection's code", std::current_exception());
  }
  transport->set_user(nullptr);
  transport->close(failed);
  co_await transport->finish();
  front.transports.erase(transport);
  lease.reset();
}

void TransportEndpoint::drain(std::chrono::milliseconds spread) {
  draining_ = true;
  registry_->sweep();
  on_all([spread](ShardConnections& connections) { connections.drain(spread); });
}

void TransportEndpoint::drop_slow(std::size_t bytes) {
  on_all([bytes](ShardConnections& connections) { connections.drop_slow(bytes); });
}

void TransportEndpoint::end_if(std::function<bool(const http::Principal&)> may_not_stay) {
  on_all([may_not_stay = std::move(may_not_stay)](ShardConnections& connections) { connections.end_if(may_not_stay); });
}

void TransportEndpoint::abort() {
  draining_ = true;
  registry_->sweep();
  on_all([](ShardConnections& connections) { connections.abort(); });
}

void TransportEndpoint::on_all(const std::function<void(ShardConnections&)>& work) {
  for (const auto& front : shards_) {
    boost::asio::post(front->shard.executor(), [&front = *front, work] { work(front); });
  }
}

}  // namespace signalr
