#include "transport/http/session/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <ctime>

#include "observe/log.h"

namespace message_service::http {

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// SO_REUSEPORT lets a second service of the same user take half of the first one's connections unnoticed; a socket
// without it tells.
void check_free(const Executor& executor, const asio::ip::tcp::endpoint& endpoint) {
  Acceptor probe(executor);
  probe.open(endpoint.protocol());
  probe.set_option(Acceptor::reuse_address(true));
  probe.bind(endpoint);
}

// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string imf_fixdate(std::time_t now) {
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace

// One shard's listening socket and its sessions.
struct Server::Front {
  Front(Shard& shard, const Router& router, const CorsPolicy& cors, const SessionOptions& options,
        RouteMetrics unrouted)
      : context(std::make_shared<SessionContext>(shard, router, cors, options, unrouted)), acceptor(shard.executor()) {}

  std::shared_ptr<SessionContext> context;  // kept by the sessions too: their coroutines end with the shard
  Acceptor acceptor;
};

Server::Server(Shards& shards, const Router& router, const CorsPolicy& cors, Metrics& metrics, ServerOptions options)
    : options_(std::move(options)) {
  for (const auto& shard : shards) {
    fronts_.push_back(std::make_unique<Front>(*shard, router, cors, options_.session, metrics.route("(no route)")));
  }
}

Server::~Server() = default;

Result<std::uint16_t> Server::listen() {
  ErrorCodeAsio error;
  const auto address = asio::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, error);
  if (error) return Error{ErrorCode::invalid, "Urls: " + options_.host + " is not an IP address"};
  asio::ip::tcp::endpoint endpoint(address, options_.port);
  for (const auto& front : fronts_) {
    Acceptor& acceptor = front->acceptor;
    try {
      if (front == fronts_.front()) check_free(acceptor.get_executor(), endpoint);
      acceptor.open(endpoint.protocol());
      acceptor.set_option(Acceptor::reuse_address(true));
      acceptor.set_option(ReusePort(true));
      acceptor.bind(endpoint);
      acceptor.listen(4096);
    } catch (const boost::system::system_error& failure) {
      return Error{ErrorCode::unavailable, "cannot listen on " + options_.host + ":" + std::to_string(endpoint.port()) +
                                               ": " + failure.code().message()};
    }
    endpoint = acceptor.local_endpoint();  // the same port for all, also when it was 0
  }
  for (const auto& front : fronts_) {
    SessionContext& context = *front->context;
    context.date = imf_fixdate(std::time(nullptr));
    context.shard.on_tick([&context] {
      context.date = imf_fixdate(std::time(nullptr));
      context.sessions.sweep(context.shard.now());
    });
    asio::co_spawn(context.shard.executor(), accept(*front), asio::detached);  // ends when drain() closes the acceptor
  }
  return endpoint.port();
}

Awaitable<void> Server::accept(Front& front) {
  const auto serve = [](Server& server, std::shared_ptr<SessionContext> context, Socket socket) -> Awaitable<void> {
    {
      Session session(*context, std::move(socket));
      co_await session.run();
    }
    --server.sessions_;
  };
  while (front.acceptor.is_open()) {
    auto [error, socket] = co_await front.acceptor.async_accept(tuple_awaitable);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
    if (error) {  // out of file descriptors or memory: others must end first
      log::warning("A connection cannot be accepted: " + error.message());
      Timer pause(front.context->shard.executor(), kAcceptPause);
      co_await pause.async_wait(tuple_awaitable);
      continue;
    }
    if (sessions_ >= options_.connections_max) continue;  // closes the socket
    ++sessions_;
    // The session ends by itself, by its deadlines, or by abort().
    asio::co_spawn(front.context->shard.executor(), serve(*this, front.context, std::move(socket)), asio::detached);
  }
}

void Server::drain() {
  for (const auto& front : fronts_) {
    asio::post(front->context->shard.executor(), [&front = *front] {
      ErrorCodeAsio ignored;
      front.acceptor.close(ignored);
      front.context->draining = true;
      front.context->sessions.drain();
    });
  }
}

std::size_t Server::sessions() const { return sessions_; }

}  // namespace message_service::http
