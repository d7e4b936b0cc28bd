#include "signalr/connection/transport_endpoint.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <unordered_set>

#include "runtime/await_callback.h"
#include "runtime/on_shard.h"
#include "runtime/spawn.h"
#include "signalr/connection/long_polling_connection.h"
#include "signalr/connection/server_sent_events_connection.h"
#include "signalr/connection/upgrade.h"
#include "signalr/connection/web_socket_connection.h"

namespace signalr {

namespace {

constexpr auto kTickInterval = std::chrono::seconds(1);
constexpr std::size_t kDrainedAtOnce = 16;
constexpr const char* kOtherOrigin =
    "This page's origin may not open a WebSocket: it is neither this service's own nor in Cors:AllowedOrigins. Behind "
    "a proxy, let it pass Host on, or name it in ForwardedHeaders:KnownProxies";

http::Response no_such_connection() { return text_response(404, "No Connection with that ID"); }
http::Response in_use() { return text_response(409, {}); }

http::Response try_later() {
  auto response = text_response(503, "No more connections are taken now");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Transport transport_of(const http::Request& request) {
  if (lists(request.header("Accept"), "text/event-stream")) return Transport::server_sent_events;
  return asks_for_websocket(request) ? Transport::websockets : Transport::long_polling;
}

// The policy has read the token. A connection keeps nothing that could sign somebody in, nor its memory.
void forget_token(OpeningRequest& opening) {
  std::erase_if(opening.query, [](const auto& pair) { return base::equals_ignoring_case(pair.first, "access_token"); });
  std::erase_if(opening.headers,
                [](const auto& pair) { return base::equals_ignoring_case(pair.first, "Authorization"); });
}

http::Response json_response(unsigned status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

http::Response refresh_error(unsigned status, std::string_view code) {
  return json_response(status, negotiate_error(code));
}

// A request of a connection brings another user's token. With refreshes ASP.NET Core tells a poll in its own way.
http::Response refuse_other_user(const http::Request& request, bool refreshes_tokens) {
  if (refreshes_tokens && request.method == "GET" && transport_of(request) == Transport::long_polling) {
    return refresh_error(409, "authentication_refresh_required");
  }
  return text_response(403, "The connection is another user's");
}

std::int64_t seconds_until(base::Timestamp end) { return std::max<std::int64_t>(0, (end - base::wall_now()) / 1000); }

// What a new token says about a connection's client.
struct Renewal {
  std::optional<User> user;
  std::shared_ptr<const http::Principal> principal;
  TokenTimes times;
  bool only_if_newer = false;
};

runtime::Awaitable<bool> renew(std::shared_ptr<TransportConnection> transport, Renewal renewal) {
  if (renewal.only_if_newer && !renewal.times.newer_than(transport->token_times())) co_return false;
  transport->renew(std::move(renewal.user), std::move(renewal.principal), renewal.times);
  if (transport->user() != nullptr) transport->user()->renewed();
  co_return true;
}

runtime::Awaitable<bool> can_resume(std::shared_ptr<TransportConnection> transport) {
  co_return transport->can_resume();
}

runtime::Awaitable<bool> receive(std::shared_ptr<TransportConnection> transport, std::string bytes,
                                 TransportConnection::Room room) {
  co_return transport->receive(std::move(bytes), std::move(room));
}

runtime::Awaitable<bool> terminate(std::shared_ptr<LongPollingConnection> transport) {
  transport->terminate();
  co_return true;
}

runtime::Awaitable<http::Response> wait_for_poll(std::shared_ptr<LongPollingConnection> transport,
                                                 std::shared_ptr<LongPollingConnection::Poll> poll) {
  co_return co_await transport->poll(std::move(poll));
}

}  // namespace

// One shard's connections.
struct TransportEndpoint::ShardState {
  explicit ShardState(runtime::Shard& its_shard) : shard(its_shard) {}

  runtime::Shard& shard;
  std::unordered_set<std::shared_ptr<TransportConnection>> transports;
  base::SteadyTime ticked_at{};
  std::vector<std::weak_ptr<TransportConnection>> to_drain;
  std::size_t drain_step = 0;  // at each tick of the shard
};

// The token and the connection that a request names, and its user.
struct TransportEndpoint::Asked {
  std::string token;  // empty: none
  Registry::Entry entry;
  std::optional<User> user;
  std::shared_ptr<const http::Principal> principal;
  TokenTimes times;

  std::string user_id() const { return user ? user->id : std::string(); }
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
    ShardState& front = *shards_.emplace_back(std::make_unique<ShardState>(*shard));
    shard->on_tick([this, &front] { tick(front); });
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
    Registry::Entry entry{
        .connection_id = {}, .user_id = admission.user ? admission.user->id : std::string(), .stateful = stateful};
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
  asked.user = std::move(admission.user);
  asked.principal = exchange.principal;
  asked.times = admission.times;
  asked.token = exchange.request.target.query_value("id").value_or("");
  if (asked.token.empty()) return text_response(400, "Connection ID required");
  auto entry = registry_->find(asked.token);
  if (!entry) return no_such_connection();
  if (entry->user_id != asked.user_id()) return refuse_other_user(exchange.request, options_.refreshes_tokens);
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
  if (asked.principal) forget_token(opening);
  std::string id = asked.token.empty() ? random_token() : asked.entry.connection_id;
  auto transport = std::make_shared<SpecificConnection>(exchange.shard, std::move(id), std::move(opening),
                                                        options_.transport, more...);
  transport->renew(asked.user, asked.principal, asked.times);
  return transport;
}

runtime::Awaitable<http::Response> TransportEndpoint::open_socket(http::Exchange& exchange, Asked asked) {
  if (auto refusal = refuse_upgrade(exchange.request)) co_return std::move(*refusal);
  if (!cors_.allows_socket(exchange.request)) co_return text_response(403, kOtherOrigin);
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
  if (!lease) return asked.token.empty() ? try_later() : in_use();
  ShardState& front = *shards_[exchange.shard.index()];
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
  if (!resumable) co_return in_use();
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
  if (asked.entry.transport) return in_use();
  auto transport = make_connection<ServerSentEventsConnection>(exchange, asked, Transport::server_sent_events);
  auto lease = registry_->open(asked.token, transport);
  if (!lease) return in_use();
  ShardState& front = *shards_[exchange.shard.index()];
  return ServerSentEventsConnection::opening_response([this, &front, transport, lease](http::Upgraded upgraded) {
    transport->attach(std::move(upgraded));
    return serve(front, transport, lease);
  });
}

runtime::Awaitable<http::Response> TransportEndpoint::poll(http::Exchange& exchange, Asked asked) {
  if (!asked.entry.transport) {
    const auto made = make_connection<LongPollingConnection>(exchange, asked, Transport::long_polling);
    if (auto lease = registry_->open(asked.token, made)) {
      ShardState& front = *shards_[exchange.shard.index()];
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
  co_await renew_by(exchange, asked, transport);
  const auto poll = std::make_shared<LongPollingConnection::Poll>();
  exchange.peer.watch([transport, poll] {
    boost::asio::post(transport->shard().executor(), [transport, poll] { transport->give_up(*poll); });
  });
  co_return co_await runtime::on_shard(exchange.shard, transport->shard(), wait_for_poll(transport, poll));
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
  co_await renew_by(exchange, post->asked, transport);
  const bool taken = co_await runtime::on_shard(exchange.shard, transport->shard(),
                                                receive(transport, std::string(body), std::move(post->room)));
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
  if (entry->user_id != (admission.user ? admission.user->id : std::string())) {
    co_return refresh_error(403, "user_changed");
  }
  const TokenTimes times = admission.times;
  if (entry->transport) {  // else the request that opens a transport brings its own token
    Renewal renewal{std::move(admission.user), exchange.principal, times};
    co_await runtime::on_shard(exchange.shard, entry->transport->shard(), renew(entry->transport, std::move(renewal)));
  }
  co_return json_response(200, token_lifetime_body(seconds_until(times.expires_at.value_or(0))));
}

// A poll or a POST may bring a newer token.
runtime::Awaitable<void> TransportEndpoint::renew_by(const http::Exchange& exchange, const Asked& asked,
                                                     std::shared_ptr<TransportConnection> transport) const {
  if (!options_.refreshes_tokens || !asked.times.expires_at) co_return;
  Renewal renewal{asked.user, asked.principal, asked.times, true};
  co_await runtime::on_shard(exchange.shard, transport->shard(), renew(transport, std::move(renewal)));
}

runtime::Awaitable<void> TransportEndpoint::serve(ShardState& front, std::shared_ptr<TransportConnection> transport,
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

void TransportEndpoint::tick(ShardState& front) {
  for (std::size_t n = std::min(front.drain_step, front.to_drain.size()); n > 0; --n) {
    const auto transport = front.to_drain.back().lock();
    front.to_drain.pop_back();
    if (!transport) continue;
    end(*transport);
  }
  const base::SteadyTime now = front.shard.now();
  if (now - front.ticked_at < kTickInterval) return;
  front.ticked_at = now;
  registry_->sweep(now);
  const base::Timestamp wall_now = base::wall_now();
  for (const auto& transport : front.transports) {
    transport->tick(now);
    if (transport->user() != nullptr) transport->user()->tick(now);
    if (transport->token_times().expires_at.value_or(INT64_MAX) <= wall_now) end(*transport);
  }
}

// The client may connect again, with another token.
void TransportEndpoint::end(TransportConnection& transport) {
  transport.user() != nullptr ? transport.user()->drain() : transport.close();
}

void TransportEndpoint::drain(std::chrono::milliseconds spread) {
  draining_ = true;
  registry_->sweep();
  for (const auto& front : shards_) {
    boost::asio::post(front->shard.executor(), [&front = *front, spread] {
      front.to_drain.assign(front.transports.begin(), front.transports.end());
      const auto ticks = static_cast<std::size_t>(std::max<std::int64_t>(1, spread / runtime::Shard::kTick));
      front.drain_step = std::max(kDrainedAtOnce, front.to_drain.size() / ticks + 1);
    });
  }
}

void TransportEndpoint::drop_slow(std::size_t bytes) {
  for (const auto& front : shards_) {
    boost::asio::post(front->shard.executor(), [&front = *front, bytes] {
      for (const auto& transport : front.transports) {
        if (transport->user() != nullptr) transport->user()->shed(bytes);
      }
    });
  }
}

void TransportEndpoint::abort() {
  draining_ = true;
  registry_->sweep();
  for (const auto& front : shards_) {
    boost::asio::post(front->shard.executor(), [&front = *front] {
      for (const auto& transport : front.transports) transport->abort();
    });
  }
}

}  // namespace signalr
