// A program's policy on the router, over a real socket.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "http/server/server.h"
#include "support/cpp/signalr_test_client.h"

namespace http {
namespace {

class PolicyTest : public testing::Test {
 protected:
  PolicyTest() {
    router.add("POST", "/things/{}", [this](Exchange& exchange) -> runtime::Awaitable<Response> {
      ++handled;
      co_return Response{.content_type = kText, .body = std::string(exchange.request.parameters[0])};
    });
    router.set_policy([this](Exchange& exchange) -> runtime::Awaitable<std::optional<Response>> {
      ++asked;
      if (exchange.request.header("X-User") == "ann") co_return std::nullopt;
      co_return problem_response({.status = 403, .detail = "only ann"}, exchange.trace_id);
    });
    port = server.listen().value();
    for (const auto& shard : shards) shard->start();
  }
  ~PolicyTest() override {
    server.drain();
    for (int n = 0; n < 5'000 && server.sessions() > 0; ++n) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (const auto& shard : shards) shard->stop();
  }

  unsigned status_of(const std::string& target, const std::string& headers, const std::string& body) const {
    signalr::TestClient client(port);
    client.write("POST " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n" + body);
    return signalr::read_reply(client).status;
  }

  std::atomic<int> asked = 0, handled = 0;
  runtime::Shards shards{1};
  CorsPolicy cors{{}};
  Router router;
  Server server{shards, router, cors, {}};
  std::uint16_t port = 0;
};

TEST_F(PolicyTest, LetsThroughWhoMay) {
  EXPECT_EQ(status_of("/things/1", "X-User: ann\r\nContent-Length: 2\r\n", "hi"), 200u);
  EXPECT_EQ(handled, 1);
}

TEST_F(PolicyTest, RefusesTheOthersBeforeTheirBodyIsRead) {
  EXPECT_EQ(status_of("/things/1", "X-User: bob\r\nContent-Length: 1000\r\n", ""), 403u);
  EXPECT_EQ(handled, 0);
}

TEST_F(PolicyTest, IsNotAskedWhereThereIsNoRoute) {
  EXPECT_EQ(status_of("/nothing", "Content-Length: 0\r\n", ""), 404u);
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace http
