// For tests of the transports: an echo over real sockets and two shards, instead of a hub.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "http/server/server.h"
#include "signalr/connection/transport_endpoint.h"
#include "support/cpp/signalr_test_client.h"

namespace signalr {

inline runtime::Awaitable<void> echo(std::shared_ptr<TransportConnection> transport) {
  bool open = true;
  while (open) {
    std::string bytes;
    const TransportConnection::Arrival arrival = co_await transport->read(bytes);
    if (bytes == "throw") throw std::runtime_error("as asked");
    if (bytes == "close") transport->close();
    open = arrival == TransportConnection::Arrival::data;
    if (open) transport->send(framed(transport->transport(), Format::text, bytes));
  }
}

// Whoever names himself in "X-User" is signed in; "nobody" is not let in.
inline Admission admit(const http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  const std::string user(request.header("X-User"));
  if (user.empty()) return {};
  return {.admitted = user != "nobody", .user = User{.id = user}};
}

// Counts the answers under the hub's path.
class CountedAnswers : public http::Observer {
 public:
  http::AnswerObserver route(std::string_view pattern) override {
    if (pattern != "/echo") return {};
    return [this](unsigned /*status*/, double /*seconds*/) { ++count; };
  }
  std::atomic<int> count = 0;
};

class TransportEndpointTest : public testing::Test {
 protected:
  void start(TransportEndpointOptions options = {}, TransportEndpoint::Serve serve = echo,
             const http::ServerOptions& server_options = {}) {
    endpoint.emplace(shards, cors, std::move(options), std::move(serve));
    endpoint->add_routes(router, "/echo");
    server.emplace(shards, router, cors, server_options);
    port = server->listen().value();
    for (const auto& shard : shards) shard->start();
  }
  void TearDown() override {
    if (!server) return;
    server->drain();
    endpoint->abort();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(server->sessions(), 0u);
    for (const auto& shard : shards) shard->stop();
  }

  static std::string request(const std::string& verb, const std::string& query, const std::string& body = "",
                             const std::string& headers = "") {
    return verb + " /echo" + query + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
  }
  // On a connection of its own, so on any shard.
  Reply ask(const std::string& verb, const std::string& query, const std::string& body = "",
            const std::string& headers = "") const {
    TestClient client(port);
    client.write(request(verb, query, body, headers));
    return read_reply(client);
  }
  // "?id=" and the token.
  std::string negotiate(const std::string& headers = "", const std::string& more = "") const {
    const Reply reply = ask("POST", "/negotiate?negotiateVersion=1" + more, "", headers);
    EXPECT_EQ(reply.status, 200u);
    const std::string_view name = "\"connectionToken\":\"";
    return "?id=" + reply.body.substr(reply.body.find(name) + name.size(), 22);
  }
  std::string open_polling() const {
    const std::string id = negotiate();
    EXPECT_EQ(ask("GET", id).status, 200u);
    return id;
  }
  static std::string upgrade(const std::string& query) { return upgrade_request("/echo" + query); }

  runtime::Shards shards{2};
  http::CorsPolicy cors{{}};
  CountedAnswers answers;
  http::Router router{answers};
  std::optional<TransportEndpoint> endpoint;
  std::optional<http::Server> server;
  std::uint16_t port = 0;
};

}  // namespace signalr
