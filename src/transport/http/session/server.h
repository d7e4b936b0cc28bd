// The HTTP server: one listening socket on every shard (SO_REUSEPORT), and their sessions.
//
// Made, stopped and destroyed by the app; the router and the policy must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/permit.h"
#include "base/result.h"
#include "transport/http/session/listening.h"
#include "transport/http/session/session.h"

namespace message_service::http {

struct ServerOptions {
  std::vector<ListenAddress> addresses{{"127.0.0.1", 0}};
  std::size_t connections_max = 20'000;  // further ones are closed
  // How many connections there are file descriptors for. Further ones take the place of the newest idle ones.
  std::size_t descriptors_max = SIZE_MAX;
  SessionOptions session;
};

class Server {
 public:
  Server(Shards& shards, const Router& router, const CorsPolicy& cors, Metrics& metrics, ServerOptions options);
  ~Server();

  // Binds and begins to accept; gives the first address's port. An error says what is in the way. Before the shards
  // run, or after.
  Result<std::uint16_t> listen();

  // Once it listens: where, as URLs.
  const std::vector<std::string>& urls() const { return urls_; }

  // Takes no new connections, lets go of idle ones, and lets the others finish their request. Any thread.
  void drain();

  // Ends the connections that wait for a request, and counts them. Any thread.
  void end_idle(const Counter& ended);

  // How many connections are left, upgraded ones included. Any thread.
  std::size_t sessions() const { return connections_->taken(); }

  // Those that end by themselves once their request is answered: without upgraded ones and waiting polls. Any thread.
  std::size_t unfinished() const;

 private:
  struct Front;
  struct Place;
  Result<Endpoint> bind(Endpoint endpoint);
  Awaitable<void> accept(Front& front, Acceptor& acceptor);
  void take(Front& front, Socket socket);
  static Awaitable<void> serve(std::shared_ptr<SessionContext> context, Place place, Socket socket);

  const ServerOptions options_;
  const Counter refused_for_limit_;
  const Counter refused_for_descriptors_;
  const std::shared_ptr<Budget> connections_;  // shared with the sessions: their coroutines end with the shards
  std::vector<std::unique_ptr<Front>> fronts_;
  std::vector<std::string> urls_;
};

}  // namespace message_service::http
