#include "signalr/connection/link_endpoint.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <unordered_set>

#include "runtime/await_callback.h"
#include "runtime/on_shard.h"
#include "runtime/spawn.h"
#include "signalr/connection/event_stream_link.h"
#include "signalr/connection/poll_link.h"
#include "signalr/connection/upgrade.h"
#include "signalr/connection/web_socket_link.h"

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

// A socket belongs to the shard that accepted it; this gives it to another one.
runtime::Socket move_socket(runtime::Socket socket, runtime::Shard& there) {
  runtime::ErrorCodeAsio error;
  const auto local = socket.local_endpoint(error);
  const auto protocol = error ? boost::asio::ip::tcp::v4() : local.protocol();
  const auto handle = socket.release(error);
  runtime::Socket moved(there.executor());
  if (!error) moved.assign(protocol, handle, error);
  moved.non_blocking(true, error);
  return moved;
}

runtime::Awaitable<bool> can_resume(std::shared_ptr<Link> link) { co_return link->can_resume(); }

runtime::Awaitable<bool> receive(std::shared_ptr<Link> link, std::string bytes, Link::Room room) {
  co_return link->receive(std::move(bytes), std::move(room));
}

runtime::Awaitable<bool> terminate(std::shared_ptr<PollLink> link) {
  link->terminate();
  co_return true;
}

runtime::Awaitable<http::Response> wait_for_poll(std::shared_ptr<PollLink> link, std::shared_ptr<PollLink::Poll> poll) {
  co_return co_await link->poll(std::move(poll));
}

}  // namespace

// One shard's connections.
struct LinkEndpoint::Front {
  explicit Front(runtime::Shard& its_shard) : shard(its_shard) {}

  runtime::Shard& shard;
  std::unordered_set<std::shared_ptr<Link>> links;
  base::SteadyTime ticked_at{};
  std::vector<std::weak_ptr<Link>> to_drain;
  std::size_t drain_step = 0;  // at each tick of the shard
};

// What a request has named.
struct LinkEndpoint::Asked {
  std::string token;  // empty: none
  Registry::Entry entry;
  std::optional<User> user;
};

// A POST that the gate has let in.
struct LinkEndpoint::Post {
  Asked asked;
  Registry::Room room;
};

LinkEndpoint::LinkEndpoint(runtime::Shards& shards, const http::CorsPolicy& cors, LinkEndpointOptions options,
                           Serve serve)
    : cors_(cors),
      options_(std::move(options)),
      serve_(std::move(serve)),
      registry_(std::make_shared<Registry>(Registry::Limits{.lifetime = options_.link.disconnect_timeout,
                                                            .connections_max = options_.connections_max,
                                                            .posted_bytes_max = options_.link.ingress_bytes_max})) {
  for (const auto& shard : shards) {
    Front& front = *fronts_.emplace_back(std::make_unique<Front>(*shard));
    shard->on_tick([this, &front] { tick(front); });
  }
}

LinkEndpoint::~LinkEndpoint() {
  registry_->discard();
  for (const auto& front : fronts_) {
    for (const auto& link : front->links) link->discard();
  }
}

void LinkEndpoint::add_routes(http::Router& router, const std::string& path) {
  using Method = runtime::Awaitable<http::Response> (LinkEndpoint::*)(http::Exchange&);
  const auto add = [&](const char* verb, const std::string& pattern, Method method, http::RouteOptions options = {}) {
    router.add(verb, pattern, std::move(options),
               [this, method](http::Exchange& exchange) { return (this->*method)(exchange); });
  };
  add("POST", path + "/negotiate", &LinkEndpoint::negotiate);
  add("GET", path, &LinkEndpoint::get);
  add("POST", path, &LinkEndpoint::post,
      {.body_bytes_max = options_.link.post_bytes_max,
       .gate = [this](http::Exchange& exchange) { return admit_post(exchange); }});
  add("DELETE", path, &LinkEndpoint::remove);
}

runtime::Awaitable<http::Response> LinkEndpoint::negotiate(http::Exchange& exchange) {
  const Admission admission = options_.admit(exchange.request);
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
    response.body = negotiate_body(*asked, ids, options_.transports, stateful);
  }
  co_return response;
}

// Finds the connection that the request names. An answer, when it may not go on.
std::optional<http::Response> LinkEndpoint::refuse(const http::Exchange& exchange, Asked& asked) const {
  Admission admission = options_.admit(exchange.request);
  if (!admission.admitted) return http::Response{.status = 401};
  asked.user = std::move(admission.user);
  asked.token = exchange.request.target.query_value("id").value_or("");
  if (asked.token.empty()) return text_response(400, "Connection ID required");
  auto entry = registry_->find(asked.token);
  if (!entry) return no_such_connection();
  if (entry->user_id != (asked.user ? asked.user->id : std::string())) {
    return text_response(403, "The connection is another user's");
  }
  asked.entry = std::move(*entry);
  return std::nullopt;
}

bool LinkEndpoint::offers(Transport transport) const {
  return std::ranges::find(options_.transports, transport) != options_.transports.end();
}

runtime::Awaitable<http::Response> LinkEndpoint::get(http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  if (request.method != "GET") co_return text_response(405, {});
  const Transport transport = transport_of(request);
  Asked asked;
  auto refusal = refuse(exchange, asked);
  const bool unnamed = transport == Transport::websockets && asked.token.empty();  // it has skipped the negotiation
  if (refusal && !(unnamed && refusal->status == 400)) co_return std::move(*refusal);
  if (!offers(transport)) {
    std::string text(transport_name(transport));
    co_return text_response(404, text.append(" transport not supported by this end point type"));
  }
  if (asked.entry.link && asked.entry.link->transport() != transport) {
    co_return text_response(400, "Cannot change transports mid-connection");
  }
  if (!asked.entry.link && takes_no_more()) co_return try_later();
  switch (transport) {
    case Transport::websockets:
      co_return co_await open_socket(exchange, std::move(asked));
    case Transport::server_sent_events:
      co_return open_events(exchange, asked);
    case Transport::long_polling:
      break;
  }
  co_return co_await poll(exchange, std::move(asked));
}

template <class SpecificLink, class... More>
std::shared_ptr<SpecificLink> LinkEndpoint::make_link(const http::Exchange& exchange, const Asked& asked,
                                                      Transport transport, More... more) {
  OpeningRequest opening{.transport = transport,
                         .query = exchange.request.target.query,
                         .headers = exchange.request.headers->all(),
                         .user = asked.user};
  std::string id = asked.token.empty() ? random_token() : asked.entry.connection_id;
  return std::make_shared<SpecificLink>(exchange.shard, std::move(id), std::move(opening), options_.link, more...);
}

runtime::Awaitable<http::Response> LinkEndpoint::open_socket(http::Exchange& exchange, Asked asked) {
  if (auto refusal = refuse_upgrade(exchange.request)) co_return std::move(*refusal);
  if (!cors_.allows_socket(exchange.request)) co_return text_response(403, kOtherOrigin);
  if (asked.entry.link) co_return co_await resume_socket(exchange, std::move(asked));
  co_return open_new_socket(exchange, asked);
}

std::optional<websocket::DeflateAgreement> LinkEndpoint::agree_on_deflate(const http::Request& request) const {
  if (!options_.link.compression.enabled) return std::nullopt;
  return signalr::agree_on_deflate(request);
}

http::Response LinkEndpoint::open_new_socket(const http::Exchange& exchange, const Asked& asked) {
  auto link = make_link<WebSocketLink>(exchange, asked, Transport::websockets, asked.entry.stateful);
  auto lease = asked.token.empty() ? registry_->open_unnamed() : registry_->open(asked.token, link);
  if (!lease) return asked.token.empty() ? try_later() : in_use();
  Front& front = *fronts_[exchange.shard.index()];
  const auto deflate = agree_on_deflate(exchange.request);
  return accept_upgrade(exchange.request, deflate, [this, &front, link, lease, deflate](http::Upgraded upgraded) {
    link->attach(std::move(upgraded), deflate);
    return serve(front, link, lease);
  });
}

// The client has lost its socket and is back with another, while the first may still look alive.
runtime::Awaitable<http::Response> LinkEndpoint::resume_socket(http::Exchange& exchange, Asked asked) {
  const auto link = std::static_pointer_cast<WebSocketLink>(asked.entry.link);
  const bool resumable = co_await runtime::on_shard(exchange.shard, link->shard(), can_resume(link));
  if (!resumable) co_return in_use();
  const auto deflate = agree_on_deflate(exchange.request);
  co_return accept_upgrade(
      exchange.request, deflate, [link, deflate](http::Upgraded upgraded) -> runtime::Awaitable<void> {
        // The first socket's session waits for this one's end too; here is nothing left to do.
        auto moved = std::make_shared<http::Upgraded>(
            http::Upgraded{move_socket(std::move(upgraded.socket), link->shard()), std::move(upgraded.leftover)});
        boost::asio::post(link->shard().executor(),
                          [link, moved, deflate] { link->attach(std::move(*moved), deflate); });
        co_return;
      });
}

http::Response LinkEndpoint::open_events(const http::Exchange& exchange, const Asked& asked) {
  if (asked.entry.link) return in_use();
  auto link = make_link<EventStreamLink>(exchange, asked, Transport::server_sent_events);
  auto lease = registry_->open(asked.token, link);
  if (!lease) return in_use();
  Front& front = *fronts_[exchange.shard.index()];
  return EventStreamLink::opening_response([this, &front, link, lease](http::Upgraded upgraded) {
    link->attach(std::move(upgraded));
    return serve(front, link, lease);
  });
}

runtime::Awaitable<http::Response> LinkEndpoint::poll(http::Exchange& exchange, Asked asked) {
  if (!asked.entry.link) {
    const auto made = make_link<PollLink>(exchange, asked, Transport::long_polling);
    if (auto lease = registry_->open(asked.token, made)) {
      Front& front = *fronts_[exchange.shard.index()];
      runtime::spawn(exchange.shard.executor(), serve(front, made, std::move(lease)), "A connection");
      asked.entry.link = made;
    } else {  // another poll was first
      const auto entry = registry_->find(asked.token);
      if (!entry) co_return no_such_connection();
      if (entry->link->transport() != Transport::long_polling) {
        co_return text_response(400, "Cannot change transports mid-connection");
      }
      asked.entry.link = entry->link;
    }
  }
  const auto link = std::static_pointer_cast<PollLink>(asked.entry.link);
  const auto poll = std::make_shared<PollLink::Poll>();
  exchange.peer.watch(
      [link, poll] { boost::asio::post(link->shard().executor(), [link, poll] { link->give_up(*poll); }); });
  co_return co_await runtime::on_shard(exchange.shard, link->shard(), wait_for_poll(link, poll));
}

// The session reads a body only for a connection that takes it and has room for it.
runtime::Awaitable<std::optional<http::Response>> LinkEndpoint::admit_post(http::Exchange& exchange) {
  const auto post = std::make_shared<Post>();
  if (auto refusal = refuse(exchange, post->asked)) co_return refusal;
  if (post->asked.entry.link && !post->asked.entry.link->takes_posts()) {
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

// Clients may send before they open a transport, whichever that will be: it reads what they sent first of all.
runtime::Awaitable<http::Response> LinkEndpoint::post(http::Exchange& exchange) {
  const auto post = std::static_pointer_cast<Post>(std::exchange(exchange.pass, nullptr));
  const std::string_view body = exchange.request.body;
  std::shared_ptr<Link> link = post->asked.entry.link;
  if (!link) {
    if (registry_->post_early(post->asked.token, body, post->room)) co_return text_response(200, {});
    const auto entry = registry_->find(post->asked.token);
    link = entry ? entry->link : nullptr;
  }
  if (!link) co_return no_such_connection();
  const bool taken = co_await runtime::on_shard(exchange.shard, link->shard(),
                                                receive(link, std::string(body), std::move(post->room)));
  co_return text_response(taken ? 200 : 404, {});
}

runtime::Awaitable<http::Response> LinkEndpoint::remove(http::Exchange& exchange) {
  Asked asked;
  if (auto refusal = refuse(exchange, asked)) co_return std::move(*refusal);
  if (!asked.entry.link || asked.entry.link->transport() != Transport::long_polling) {
    co_return text_response(400, "Cannot terminate this connection using the DELETE endpoint.");
  }
  const auto link = std::static_pointer_cast<PollLink>(asked.entry.link);
  co_await runtime::on_shard(exchange.shard, link->shard(),
                             terminate(link));  // a POST behind the answer finds it closed
  co_return text_response(202, {});
}

runtime::Awaitable<void> LinkEndpoint::serve(Front& front, std::shared_ptr<Link> link, Registry::Lease lease) {
  front.links.insert(link);
  bool failed = false;
  try {
    co_await serve_(link);
  } catch (...) {
    failed = true;
    runtime::log_failure("A connection's code", std::current_exception());
  }
  link->set_user(nullptr);
  link->close(failed);
  co_await link->finish();
  front.links.erase(link);
  lease.reset();
}

void LinkEndpoint::tick(Front& front) {
  for (std::size_t n = std::min(front.drain_step, front.to_drain.size()); n > 0; --n) {
    const auto link = front.to_drain.back().lock();
    front.to_drain.pop_back();
    if (!link) continue;
    link->user() != nullptr ? link->user()->drain() : link->close();
  }
  const base::SteadyTime now = front.shard.now();
  if (now - front.ticked_at < kTickInterval) return;
  front.ticked_at = now;
  registry_->sweep(now);
  for (const auto& link : front.links) {
    link->tick(now);
    if (link->user() != nullptr) link->user()->tick(now);
  }
}

void LinkEndpoint::drain(std::chrono::milliseconds spread) {
  draining_ = true;
  registry_->sweep();
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [&front = *front, spread] {
      front.to_drain.assign(front.links.begin(), front.links.end());
      const auto ticks = static_cast<std::size_t>(std::max<std::int64_t>(1, spread / runtime::Shard::kTick));
      front.drain_step = std::max(kDrainedAtOnce, front.to_drain.size() / ticks + 1);
    });
  }
}

void LinkEndpoint::drop_slow(std::size_t bytes) {
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [&front = *front, bytes] {
      for (const auto& link : front.links) {
        if (link->user() != nullptr) link->user()->shed(bytes);
      }
    });
  }
}

void LinkEndpoint::abort() {
  draining_ = true;
  registry_->sweep();
  for (const auto& front : fronts_) {
    boost::asio::post(front->shard.executor(), [&front = *front] {
      for (const auto& link : front.links) link->abort();
    });
  }
}

}  // namespace signalr
