// The HTTP server: one listening socket on every shard (SO_REUSEPORT), and their sessions.
//
// Made, stopped and destroyed by the app; the router and the policy must outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "transport/http/session/session.h"

namespace message_service::http {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the operating system chooses
  std::size_t connections_max = 20'000;
  SessionOptions session;
};

class Server {
 public:
  Server(Shards& shards, const Router& router, const CorsPolicy& cors, Metrics& metrics, ServerOptions options);
  ~Server();

  // Binds and begins to accept. An error says what is in the way. Before the shards run, or after.
  Result<std::uint16_t> listen();

  // Takes no new connections, lets go of idle ones, and lets the others finish their request. Any thread.
  void drain();

  // How many connections are left, upgraded ones included. Any thread.
  std::size_t sessions() const;

 private:
  struct Front;
  Awaitable<void> accept(Front& front);

  const ServerOptions options_;
  std::vector<std::unique_ptr<Front>> fronts_;
  std::atomic<std::size_t> sessions_ = 0;
};

}  // namespace message_service::http
