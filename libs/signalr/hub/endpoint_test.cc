// A hub over real sockets and two shards: clients whose messages are numbered, and clients that read nothing.
#include "signalr/hub/endpoint.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "http/server/server.h"
#include "support/cpp/signalr_test_client.h"

namespace signalr {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHandshake = "{\"protocol\":\"json\",\"version\":2}\x1E";
constexpr std::string_view kHandshakeOfOld = "{\"protocol\":\"json\",\"version\":1}\x1E";
constexpr std::string_view kPing = "{\"type\":6}\x1E";

class EndpointTest : public testing::Test {
 protected:
  void start(EndpointOptions options, ConnectionObserver observer = {}) {
    endpoint.emplace(shards, hub, cors, std::move(options), std::move(observer));
    endpoint->add_routes(router, "/hub");
    server.emplace(shards, router, cors, http::ServerOptions());
    port = server->listen().value();
    for (const auto& shard : shards) shard->start();
  }
  void TearDown() override {
    server->drain();
    endpoint->abort();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_EQ(server->sessions(), 0u);
    for (const auto& shard : shards) shard->stop();
  }

  std::string negotiate() const {
    TestClient client(port);
    client.write(
        "POST /hub/negotiate?negotiateVersion=1&useStatefulReconnect=true HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 0\r\n\r\n");
    const std::string body = read_reply(client).body;
    const std::string_view name = "\"connectionToken\":\"";
    return body.substr(body.find(name) + name.size(), 22);
  }
  std::unique_ptr<TestClient> open(const std::string& token) const {
    auto client = std::make_unique<TestClient>(port);
    client->write(upgrade_request("/hub?id=" + token));
    EXPECT_EQ(read_reply(*client).status, 101u);
    return client;
  }

  runtime::Shards shards{2};
  http::CorsPolicy cors{{}};
  http::Router router;
  Hub hub;
  std::optional<HubEndpoint> endpoint;
  std::optional<http::Server> server;
  std::uint16_t port = 0;
};

class NumberingTest : public EndpointTest {
 protected:
  void SetUp() override {
    hub.on_connected([](const Context& context) { context.caller().send("Welcome", 1); });
    hub.on("Echo", [](int number) { return number; });
    EndpointOptions options;
    options.connections.allow_stateful_reconnect = true;
    start(std::move(options));
  }

  // The payload of one frame below 126 bytes.
  static std::string read_frame(TestClient& client) {
    const std::string head = client.read_bytes(2);
    return head.size() == 2 ? client.read_bytes(static_cast<unsigned char>(head[1])) : "";
  }
  static std::string call(int number) {
    const std::string text = std::to_string(number);
    return "{\"type\":1,\"invocationId\":\"" + text + "\",\"target\":\"Echo\",\"arguments\":[" + text + "]}\x1E";
  }
  static std::string ack(int number) { return "{\"type\":8,\"sequenceId\":" + std::to_string(number) + "}\x1E"; }
  static std::string sequence(int number) { return "{\"type\":9,\"sequenceId\":" + std::to_string(number) + "}\x1E"; }
  static std::string answer(int number) {
    const std::string text = std::to_string(number);
    return "{\"type\":3,\"invocationId\":\"" + text + "\",\"result\":" + text + "}\x1E";
  }
};

TEST_F(NumberingTest, WhatIsCountedComesBehindTheClientsFirstMessage) {
  const auto client = open(negotiate());
  client->write(masked_text(kHandshake));
  EXPECT_EQ(read_frame(*client), "{}\x1E");
  std::this_thread::sleep_for(milliseconds(50));
  client->write(masked_text(kPing));
  EXPECT_NE(read_frame(*client).find("Welcome"), std::string::npos);
}

TEST_F(NumberingTest, AClientThatSaysNothingIsNotWaitedForLong) {
  const auto client = open(negotiate());
  const auto started = std::chrono::steady_clock::now();
  client->write(masked_text(kHandshake));
  EXPECT_EQ(read_frame(*client), "{}\x1E");
  EXPECT_NE(read_frame(*client).find("Welcome"), std::string::npos);
  const auto waited = std::chrono::steady_clock::now() - started;
  EXPECT_GE(waited, milliseconds(150));
  EXPECT_LE(waited, milliseconds(10'000));
}

TEST_F(NumberingTest, ASocketMayBeReplacedAgainAndAgainOnAnyShard) {
  const std::string token = negotiate();
  auto client = open(token);
  client->write(masked_text(kHandshake));
  EXPECT_EQ(read_frame(*client), "{}\x1E");
  const auto answered = [&client](const std::string& wanted) {
    std::string got;
    do {  // after the messages that are sent again
      got = read_frame(*client);
    } while (!got.empty() && got != wanted);
    return !got.empty();
  };
  int acknowledged = 0;
  for (int n = 1; n <= 40; ++n) {  // the welcome is numbered 1, the answers of a socket 2n and 2n + 1
    client->write(masked_text(call(2 * n)));
    ASSERT_TRUE(answered(answer(2 * n))) << n;
    if (n % 3 == 0) acknowledged = 2 * n;
    client->write(masked_text((n % 3 == 0 ? ack(acknowledged) : std::string()) + call(2 * n + 1)));
    ASSERT_TRUE(answered(answer(2 * n + 1))) << n;
    auto next = open(token);  // while the old socket is still open
    EXPECT_EQ(read_frame(*next), sequence(acknowledged + 1));
    next->write(masked_text(sequence(2 * n + 1)));
    client = std::move(next);
  }
}

// A client that reads nothing is also detected by time, below the bound of its queue.
TEST_F(EndpointTest, AClientThatTakesNothingIsCutOffAndCounted) {
  hub.on("Flood",
         [](const Context& context) { context.caller().send("Flood", std::string(std::size_t{24} << 20, 'x')); });
  std::atomic<int> slow = 0, told_so = 0, ended = 0;
  hub.on_disconnected([&](const Context&, const std::string& error) {
    if (error == "The client reads too slowly.") ++told_so;
    ++ended;
  });
  EndpointOptions options;
  options.connections.transport.egress_bytes_max = std::size_t{64} << 20;
  options.connections.transport.send_timeout = milliseconds(500);
  start(std::move(options), {.slow_client_closed = [&] { ++slow; }});
  const std::string call = std::string(kHandshakeOfOld) + "{\"type\":1,\"target\":\"Flood\",\"arguments\":[]}\x1E";

  const auto socket = open(negotiate());
  socket->write(masked_text(call));
  const std::string token = negotiate();
  TestClient poster(port), stream(port);
  poster.write("POST /hub?id=" + token + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(call.size()) +
               "\r\n\r\n" + call);
  EXPECT_EQ(read_reply(poster).status, 200u);
  stream.write("GET /hub?id=" + token + " HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");

  for (int n = 0; n < 30'000 && ended < 2; ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(slow, 2);
  EXPECT_EQ(told_so, 2);
}

}  // namespace
}  // namespace signalr
