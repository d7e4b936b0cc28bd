// A hub that numbers its messages, over real sockets and two shards.
#include "transport/signalr/session/endpoint.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "observe/metrics.h"
#include "transport/http/session/server.h"
#include "transport/signalr/link/test_client.h"

namespace message_service::signalr {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHandshake = "{\"protocol\":\"json\",\"version\":2}\x1E";
constexpr std::string_view kPing = "{\"type\":6}\x1E";

class NumberingTest : public testing::Test {
 protected:
  void SetUp() override {
    hub.on_connected([](const Context& context) { context.caller().send("Welcome", 1); });
    hub.on("Echo", [](int number) { return number; });
    EndpointOptions options;
    options.links.allow_stateful_reconnect = true;
    endpoint.emplace(shards, hub, cors, std::move(options), ConnectionObserver());
    endpoint->add_routes(router, "/hub");
    server.emplace(shards, router, cors, metrics, http::ServerOptions());
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

  Shards shards = make_shards(2);
  Metrics metrics;
  http::CorsPolicy cors{{}};
  http::Router router{metrics};
  Hub hub;
  std::optional<HubEndpoint> endpoint;
  std::optional<http::Server> server;
  std::uint16_t port = 0;
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
  client->write(masked_text(kHandshake));
  EXPECT_EQ(read_frame(*client), "{}\x1E");
  const auto started = std::chrono::steady_clock::now();
  EXPECT_NE(read_frame(*client).find("Welcome"), std::string::npos);
  const auto waited = std::chrono::steady_clock::now() - started;
  EXPECT_GE(waited, milliseconds(150));
  EXPECT_LE(waited, milliseconds(2'000));
}

TEST_F(NumberingTest, ASocketMayBeReplacedAgainAndAgainOnAnyShard) {
  const std::string token = negotiate();
  auto client = open(token);
  client->write(masked_text(kHandshake));
  EXPECT_EQ(read_frame(*client), "{}\x1E");
  int acknowledged = 0;
  for (int n = 1; n <= 40; ++n) {
    if (n % 3 == 0) acknowledged = n;  // the welcome, and the answers to all calls before this one
    client->write(masked_text((n % 3 == 0 ? ack(acknowledged) : std::string()) + call(n)));
    std::string got;
    while (got != answer(n)) {  // behind what is sent again
      got = read_frame(*client);
      ASSERT_FALSE(got.empty()) << n;
    }
    auto next = open(token);  // while the old one is still there
    EXPECT_EQ(read_frame(*next), sequence(acknowledged + 1));
    next->write(masked_text(sequence(n + 1)));
    client = std::move(next);
  }
}

}  // namespace
}  // namespace message_service::signalr
