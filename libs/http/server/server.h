// The HTTP server: one listening socket for each address on every shard (SO_REUSEPORT), and the sessions. Of a socket
// that a service manager hands over all shards accept.
//
// The program makes, stops and destroys it. Destroy the router and the CORS policy after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "base/permit.h"
#include "base/result.h"
#include "http/server/handed_sockets.h"
#include "http/server/listening.h"
#include "http/server/session.h"
#include "tls/certificates.h"

namespace http {

struct ServerOptions {
  std::vector<ListenAddress> addresses{{"127.0.0.1", 0}};
  std::size_t connections_max = 20'000;  // the server closes further ones
  static constexpr base::Bounds<std::size_t> connections_bounds{1, 1'000'000};
  // The number of connections that the file descriptors suffice for. A further one replaces the newest idle one.
  std::size_t descriptors_max = SIZE_MAX;
  SessionOptions session;
  tls::CertificateFiles certificate;  // for the addresses with https
  // Those of a service manager; each must have one of the addresses, and listen() takes it instead of binding.
  std::vector<runtime::HandedSocket> handed_sockets;
  // Reads the certificate's files again, about once a second. Without it the server reads them once.
  base::BlockingExecutor blocking;
};

class Server {
 public:
  Server(runtime::Shards& shards, const Router& router, const CorsPolicy& cors, ServerOptions options);
  ~Server();

  // Binds and begins to accept; returns the first address's port. An error names the obstacle. Call before the shards
  // run.
  base::Result<std::uint16_t> listen();

  // Valid once the server listens: its addresses, as URLs.
  const std::vector<std::string>& urls() const { return urls_; }

  // Looks at the certificate's files now. Any thread, once the server listens.
  void look_at_certificate() const;

  // Stops accepting connections, closes idle ones, and lets the others finish their request, or send the first one that
  // they have come for. Any thread.
  void drain();

  // Closes the connections that wait for a request, and calls `ended` on each shard with their number. Any thread.
  void end_idle(const std::function<void(std::size_t)>& ended);

  // How many connections are left, upgraded ones included. Any thread.
  std::size_t sessions() const { return connections_->taken(); }

  // How many connections end by themselves once their request is answered: without upgraded ones and waiting polls.
  // After drain() it is above zero while a shard still accepts. Any thread.
  std::size_t unfinished() const;

 private:
  struct Front;
  struct Door;
  struct Place;
  base::Result<void> read_certificate();
  void keep_certificate_fresh();
  base::Result<Endpoint> bind(Endpoint endpoint, const ListenAddress& address);
  base::Result<Endpoint> adopt(int descriptor, const Endpoint& endpoint, const ListenAddress& address);
  runtime::Awaitable<void> accept(Front& front, Door& door);
  void refuse(RefusedFor reason) const;
  void take(Front& front, const Door& door, runtime::Socket socket);
  static runtime::Awaitable<void> serve(std::shared_ptr<SessionContext> context, Place place,
                                        runtime::Connection connection, std::string_view door);

  const ServerOptions options_;
  Observer* const observer_;                         // the router's
  const std::shared_ptr<base::Budget> connections_;  // shared with the sessions: their coroutines end with the shards
  std::vector<std::unique_ptr<Front>> fronts_;
  std::vector<std::string> urls_;
  std::atomic<std::size_t> accepting_ = 0;  // shards that drain() has asked to close and that have not yet
  std::shared_ptr<tls::ServerCertificates> certificates_;  // null when no address has https
  std::function<void()> look_at_certificate_;              // empty when nothing looks at its files
};

}  // namespace http
