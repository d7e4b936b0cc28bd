// The HTTP server: one listening socket on every shard (SO_REUSEPORT), and their sessions.
//
// Made, stopped and destroyed by the program; the router and the policy must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/permit.h"
#include "base/result.h"
#include "http/server/listening.h"
#include "http/server/session.h"

namespace http {

struct ServerOptions {
  std::vector<ListenAddress> addresses{{"127.0.0.1", 0}};
  std::size_t connections_max = 20'000;  // further ones are closed
  // How many connections there are file descriptors for. Further ones take the place of the newest idle ones.
  std::size_t descriptors_max = SIZE_MAX;
  SessionOptions session;
};

class Server {
 public:
  Server(runtime::Shards& shards, const Router& router, const CorsPolicy& cors, ServerOptions options);
  ~Server();

  // Binds and begins to accept; gives the first address's port. An error says what is in the way. Before the shards
  // run, or after.
  base::Result<std::uint16_t> listen();

  // Once it listens: where, as URLs.
  const std::vector<std::string>& urls() const { return urls_; }

  // Takes no new connections, lets go of idle ones, and lets the others finish their request. Any thread.
  void drain();

  // Ends the connections that wait for a request, and calls back on each shard with their number. Any thread.
  void end_idle(const std::function<void(std::size_t)>& ended);

  // How many connections are left, upgraded ones included. Any thread.
  std::size_t sessions() const { return connections_->taken(); }

  // Those that end by themselves once their request is answered: without upgraded ones and waiting polls. Any thread.
  std::size_t unfinished() const;

 private:
  struct Front;
  struct Place;
  base::Result<Endpoint> bind(Endpoint endpoint);
  runtime::Awaitable<void> accept(Front& front, runtime::Acceptor& acceptor);
  void refuse(RefusedFor reason) const;
  void take(Front& front, runtime::Socket socket);
  static runtime::Awaitable<void> serve(std::shared_ptr<SessionContext> context, Place place, runtime::Socket socket);

  const ServerOptions options_;
  Observer* const observer_;                         // the router's
  const std::shared_ptr<base::Budget> connections_;  // shared with the sessions: their coroutines end with the shards
  std::vector<std::unique_ptr<Front>> fronts_;
  std::vector<std::string> urls_;
};

}  // namespace http
