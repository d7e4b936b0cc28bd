#include "http/server/server.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <list>
#include <optional>
#include <utility>

#include "logging/logging.h"
#include "logging/rare_line.h"
#include "runtime/spawn.h"

namespace http {

namespace {

using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr int kTicksBetweenLooks = 20;  // at the files of the certificate
constexpr int kAcceptedAtOnce = 64;     // then the existing connections have their turn

void open(runtime::Acceptor& acceptor, const Endpoint& endpoint) {
  acceptor.open(endpoint.protocol());
  acceptor.set_option(runtime::Acceptor::reuse_address(true));
  // [::] is every address, of IPv4 too, regardless of the machine's own default.
  const boost::asio::ip::address address = endpoint.address();
  if (address.is_v6()) acceptor.set_option(boost::asio::ip::v6_only(!address.is_unspecified()));
}

// SO_REUSEPORT lets a second service of the same user take half of the first one's connections unnoticed. A socket
// without SO_REUSEPORT fails to bind instead.
void check_free(const runtime::Executor& executor, const Endpoint& endpoint) {
  runtime::Acceptor probe(executor);
  open(probe, endpoint);
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

// Connections that are open go on with the certificate that they began with.
void reload(tls::ServerCertificates& certificates) {
  const auto reloaded = certificates.reload_if_changed();
  if (!reloaded) {
    logging::error("The certificate cannot be read again, and the one before stays in use: " + reloaded.error().text);
  } else if (*reloaded) {
    logging::info("New connections use the new certificate");
    for (const std::string& warning : certificates.warnings()) logging::warning(warning);
  }
}

}  // namespace

// A listening socket.
struct Server::Door {
  Door(const runtime::Executor& executor, const ListenAddress& address)
      : acceptor(executor), https(address.https), name(address.door) {}
  runtime::Acceptor acceptor;
  bool https;
  std::string_view name;
};

// One shard's listening sockets and its sessions.
struct Server::Front {
  Front(runtime::Shard& shard, const Router& router, const CorsPolicy& cors, const SessionOptions& options,
        AnswerObserver unrouted)
      : context(new SessionContext{shard, router, cors, options, std::move(unrouted)}) {}

  std::shared_ptr<SessionContext> context;  // the sessions keep it too: their coroutines end with the shard
  std::list<Door> doors;
};

// A connection's place in the budget of all connections.
struct Server::Place {
  std::shared_ptr<base::Budget> budget;
  base::Permit permit;
};

Server::Server(runtime::Shards& shards, const Router& router, const CorsPolicy& cors, ServerOptions options)
    : options_(std::move(options)),
      observer_(router.observer()),
      connections_(std::make_shared<base::Budget>(options_.connections_max)) {
  for (const auto& shard : shards) {
    fronts_.push_back(
        std::make_unique<Front>(*shard, router, cors, options_.session, router.observer_of("(no route)")));
  }
}

Server::~Server() = default;

base::Result<std::uint16_t> Server::listen() {
  const bool https = std::ranges::any_of(options_.addresses, &ListenAddress::https);
  if (https) {
    if (const auto read = read_certificate(); !read) return read.error();
  }
  HandedSockets handed(options_.handed_sockets);
  if (const auto read = handed.read_addresses(); !read) return read.error();
  std::optional<std::uint16_t> first_port;
  for (const ListenAddress& address : options_.addresses) {
    const auto endpoints = endpoints_of(address);
    if (!endpoints) return endpoints.error();
    std::uint16_t port = address.port;
    for (Endpoint endpoint : *endpoints) {
      endpoint.port(port);
      const auto descriptor = handed.take(endpoint);
      const auto bound = descriptor ? adopt(*descriptor, endpoint, address) : bind(endpoint, address);
      if (!bound) return bound.error();
      port = bound->port();  // the same for all addresses of one name, also when it was 0
      urls_.push_back(url_of(*bound, address.https));
    }
    if (!first_port) first_port = port;
  }
  if (const auto none = handed.check_none_left(); !none) return none.error();
  for (const auto& front : fronts_) {
    SessionContext& context = *front->context;
    context.date = imf_fixdate(std::time(nullptr));
    context.shard.on_tick([&context] {
      context.date = imf_fixdate(std::time(nullptr));
      context.sessions.sweep(context.shard.now());
      if (context.draining) context.sessions.drain(context.shard.now());
    });
    for (Door& door : front->doors) {  // each ends when drain() closes its acceptor
      runtime::spawn(context.shard.executor(), accept(*front, door), "The server");
    }
  }
  if (https) keep_certificate_fresh();
  return *first_port;
}

base::Result<void> Server::read_certificate() {
  if (options_.certificate.path.empty()) {
    return base::Error{base::ErrorCode::invalid, "an address with https needs a certificate, and none is named"};
  }
  auto certificates = tls::ServerCertificates::load(options_.certificate);
  if (!certificates) return certificates.error();
  certificates_ = std::move(*certificates);
  for (const std::string& warning : certificates_->warnings()) logging::warning(warning);
  return {};
}

// One look at a time: a slow disk must not fill the queue of blocking work.
void Server::keep_certificate_fresh() {
  if (!options_.blocking) return;
  const auto look = [certificates = certificates_, looking = std::make_shared<std::atomic<bool>>(false),
                     blocking = options_.blocking] {
    if (looking->exchange(true)) return;
    const bool taken = blocking([certificates, looking] {
      reload(*certificates);
      *looking = false;
    });
    if (!taken) *looking = false;
  };
  look_at_certificate_ = look;
  fronts_.front()->context->shard.on_tick([look, ticks = 0]() mutable {
    if (++ticks % kTicksBetweenLooks == 0) look();
  });
}

void Server::look_at_certificate() const {
  if (look_at_certificate_) look_at_certificate_();
}

// Binds on every shard.
base::Result<Endpoint> Server::bind(Endpoint endpoint, const ListenAddress& address) {
  for (const auto& front : fronts_) {
    try {
      Door& door = front->doors.emplace_back(front->context->shard.executor(), address);
      runtime::Acceptor& acceptor = door.acceptor;
      if (front == fronts_.front()) check_free(acceptor.get_executor(), endpoint);
      open(acceptor, endpoint);
      acceptor.set_option(ReusePort(true));
      acceptor.bind(endpoint);
      acceptor.listen(4096);
      endpoint = acceptor.local_endpoint();  // the same port for all, also when it was 0
    } catch (const boost::system::system_error& failure) {
      return base::Error{base::ErrorCode::unavailable,
                         "cannot listen on " + url_of(endpoint, address.https) + ": " + failure.code().message()};
    }
  }
  return endpoint;
}

// Every shard gets a descriptor of its own for the one socket.
base::Result<Endpoint> Server::adopt(int descriptor, const Endpoint& endpoint, const ListenAddress& address) {
  for (const auto& front : fronts_) {
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    runtime::ErrorCodeAsio failure(errno, boost::system::generic_category());
    if (own >= 0) {
      Door& door = front->doors.emplace_back(front->context->shard.executor(), address);
      door.acceptor.assign(endpoint.protocol(), own, failure);
      if (!failure) continue;
      ::close(own);
    }
    return base::Error{base::ErrorCode::unavailable, "the handed socket for " + url_of(endpoint, address.https) +
                                                         " cannot be used: " + failure.message()};
  }
  ::close(descriptor);
  return endpoint;
}

// Accepts the waiting connections in portions. One at a time, each would wait for a round of all connections.
runtime::Awaitable<void> Server::accept(Front& front, Door& door) {
  runtime::Acceptor& acceptor = door.acceptor;
  acceptor.non_blocking(true);
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(runtime::tuple_awaitable);
    for (int n = 1; !error && n < kAcceptedAtOnce; ++n) {
      take(front, door, std::move(socket));
      socket = acceptor.accept(front.context->shard.executor(), error);
    }
    if (error == boost::asio::error::operation_aborted || error == boost::asio::error::bad_descriptor) co_return;
    if (!error) {
      take(front, door, std::move(socket));
    } else if (error != boost::asio::error::would_block && error != boost::asio::error::connection_aborted) {
      // Out of file descriptors or memory: other connections must end first.
      static logging::RareLine line(logging::Level::warning);
      line.write("A connection cannot be accepted: " + error.message());
      front.context->sessions.end_newest_idle();
      runtime::Timer pause(front.context->shard.executor(), kAcceptPause);
      co_await pause.async_wait(runtime::tuple_awaitable);
    }
  }
}

void Server::refuse(RefusedFor reason) const {
  if (observer_ != nullptr) observer_->refused_connection(reason);
}

// Closes the socket when there is no place for it.
void Server::take(Front& front, const Door& door, runtime::Socket socket) {
  Place place{connections_, connections_->take()};
  if (!place.permit) return refuse(RefusedFor::connection_limit);
  if (connections_->taken() > options_.descriptors_max) {
    refuse(RefusedFor::descriptor_limit);
    static logging::RareLine line(logging::Level::warning);
    line.write("There are file descriptors for " + std::to_string(options_.descriptors_max) +
               " connections: the newest idle one is closed for another");
    if (!front.context->sessions.end_newest_idle()) return;
  }
  try {
    auto channel = door.https ? certificates_->accept(socket.native_handle()) : nullptr;
    runtime::Connection connection(std::move(socket), std::move(channel));
    // The session ends by itself, by its deadlines, or by abort().
    runtime::spawn(front.context->shard.executor(),
                   serve(front.context, std::move(place), std::move(connection), door.name), "A connection");
  } catch (const std::exception&) {
    runtime::log_failure("A connection", std::current_exception());
  }
}

runtime::Awaitable<void> Server::serve(std::shared_ptr<SessionContext> context, [[maybe_unused]] Place place,
                                       runtime::Connection connection, std::string_view door) {
  Session session(*context, std::move(connection), door);
  co_await session.run();
}

// What was accepted before the acceptors closed is taken first: those handlers wait in front of the second one.
void Server::drain() {
  accepting_ = fronts_.size();
  for (const auto& front : fronts_) {
    const runtime::Executor executor = front->context->shard.executor();
    boost::asio::post(executor, [this, executor, &front = *front] {
      runtime::ErrorCodeAsio ignored;
      for (Door& door : front.doors) door.acceptor.close(ignored);
      front.context->draining = true;
      front.context->sessions.drain(base::SteadyClock::now());
      boost::asio::post(executor, [this] { --accepting_; });
    });
  }
}

void Server::end_idle(const std::function<void(std::size_t)>& ended) {
  for (const auto& front : fronts_) {
    boost::asio::post(front->context->shard.executor(),
                      [&front = *front, ended] { ended(front.context->sessions.end_idle()); });
  }
}

std::size_t Server::unfinished() const {
  std::size_t lasting = 0;
  for (const auto& front : fronts_) lasting += front->context->lasting.taken();
  const std::size_t all = sessions();
  return all - std::min(all, lasting) + accepting_.load();
}

}  // namespace http
