// The transports: which clients are let in, how many, and how their connections end.
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <thread>

#include "signalr/connection/transport_endpoint.h"
#include "support/cpp/transport_endpoint_fixture.h"
#include "websocket/codec/frame.h"

namespace signalr {
namespace {

using std::chrono::milliseconds;

TEST_F(TransportEndpointTest, NegotiationsOfOneAddressLeaveRoomForOthers) {
  start({.connections_max = 8});
  std::vector<unsigned> statuses;
  for (int n = 0; n < 5; ++n) statuses.push_back(ask("POST", "/negotiate").status);
  EXPECT_EQ(statuses, (std::vector<unsigned>{200, 200, 200, 200, 503}));
  TestClient other(port, "127.0.0.2");
  other.write(request("POST", "/negotiate"));
  EXPECT_EQ(read_reply(other).status, 200u);
}

TEST_F(TransportEndpointTest, CodeThatFailsEndsItsConnectionOnly) {
  start();
  TestClient client(port);
  client.write(upgrade(""));
  EXPECT_EQ(read_reply(client).status, 101u);
  client.write(masked_text("throw"));
  EXPECT_EQ(client.read_bytes(4), websocket::close_frame(websocket::close_code::internal_error));

  const std::string id = open_polling();
  EXPECT_EQ(ask("POST", id, "throw").status, 200u);
  EXPECT_EQ(ask("GET", id).status, 204u);
}

// TearDown sees that no connection keeps its place.
TEST_F(TransportEndpointTest, AnExceptionOfTheApplicationsIsA500AndGivesThePlaceBack) {
  start({.admit = [](const http::Exchange& exchange) -> Admission {
           const http::Request& request = exchange.request;
           if (request.header("X-User") == "throws") throw std::runtime_error("as asked");
           if (request.header("X-User") == "throws a number") throw 5;
           return {};
         },
         .negotiate = [](const http::Request& request) -> NegotiationAnswer {
           if (request.header("X-Go") == "down") throw std::runtime_error("as asked");
           return {};
         }});
  const std::string id = negotiate();
  for (int n = 0; n < 20; ++n) {
    EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1", "", "X-User: throws\r\n").status, 500u);
    EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1", "", "X-Go: down\r\n").status, 500u);
    EXPECT_EQ(ask("GET", id, "", "X-User: throws a number\r\n").status, 500u);
    EXPECT_EQ(ask("POST", id, "x", "X-User: throws\r\n").status, 500u);
  }
  for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(server->sessions(), 0u);
}

TEST_F(TransportEndpointTest, WhatLastsIsNotCountedAsUnfinished) {
  start();
  TestClient socket(port);
  socket.write(upgrade(""));
  EXPECT_EQ(read_reply(socket).status, 101u);
  const std::string id = open_polling();
  TestClient waiting(port);
  waiting.write(request("GET", id));
  TestClient half_sent(port);
  half_sent.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  const auto settled = [&] { return server->sessions() == 3 && server->unfinished() == 1; };
  for (int n = 0; n < 5'000 && !settled(); ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(server->sessions(), 3u);
  EXPECT_EQ(server->unfinished(), 1u);
}

TEST_F(TransportEndpointTest, EveryRequestIsTheSameUsers) {
  start({.admit = admit});
  const std::string parent = "X-User: parent\r\n";
  const Reply nobody = ask("POST", "/negotiate?negotiateVersion=1", "", "X-User: nobody\r\n");
  EXPECT_EQ(nobody.status, 401u);
  EXPECT_TRUE(nobody.head.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_EQ(nobody.body, "");
  const std::string id = negotiate(parent);
  EXPECT_EQ(ask("GET", id, "", "X-User: nobody\r\n").status, 401u);
  EXPECT_EQ(ask("GET", id, "", "X-User: teacher\r\n").status, 403u);
  EXPECT_EQ(ask("GET", id).status, 403u);
  EXPECT_EQ(ask("GET", id, "", parent).status, 200u);
  EXPECT_EQ(ask("POST", id, "x", "X-User: teacher\r\n").status, 403u);
  EXPECT_EQ(ask("POST", id, "x", parent).status, 200u);
  EXPECT_EQ(ask("GET", id, "", parent).body, "x");
  EXPECT_EQ(ask("DELETE", id, "", "X-User: nobody\r\n").status, 401u);
  EXPECT_EQ(ask("DELETE", id, "", parent).status, 202u);
}

TEST_F(TransportEndpointTest, NegotiationMaySendElsewhereOrRefuse) {
  start({.negotiate_version_min = 1, .negotiate = [](const http::Request& request) -> NegotiationAnswer {
           if (request.header("X-Go") == "away") return {.redirect_url = "http://b/hub", .access_token = "t"};
           if (request.header("X-Go") == "home") return {.error = "Not today."};
           return {.headers = {{"Set-Cookie", "a=b"}}};
         }});
  EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1", "", "X-Go: away\r\n").body,
            R"({"url":"http://b/hub","accessToken":"t"})");
  EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1", "", "X-Go: home\r\n").body, R"({"error":"Not today."})");
  EXPECT_NE(ask("POST", "/negotiate?negotiateVersion=1").head.find("Set-Cookie: a=b\r\n"), std::string::npos);
  EXPECT_EQ(ask("POST", "/negotiate").body,
            R"({"error":"The client requested version '0', but the server does not support this version."})");
}

TEST_F(TransportEndpointTest, ATransportThatIsNotOfferedIsNotServed) {
  start({.transports = {Transport::server_sent_events}});
  const Reply offer = ask("POST", "/negotiate?negotiateVersion=1");
  EXPECT_NE(offer.body.find(R"([{"transport":"ServerSentEvents","transferFormats":["Text"]}])"), std::string::npos);
  const Reply poll = ask("GET", negotiate());
  EXPECT_EQ(poll.status, 404u);
  EXPECT_EQ(poll.body, "LongPolling transport not supported by this end point type");
  TestClient client(port);
  client.write(upgrade(""));
  EXPECT_EQ(read_reply(client).body, "WebSockets transport not supported by this end point type");
}

TEST_F(TransportEndpointTest, NoMoreConnectionsThanMayBe) {
  start({.connections_max = 1});
  const std::string id = open_polling();
  EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1").status, 503u);
  TestClient client(port);
  client.write(upgrade(""));
  EXPECT_EQ(read_reply(client).status, 503u);
  EXPECT_EQ(ask("POST", id, "x").status, 200u) << "who is there goes on";
  EXPECT_EQ(ask("GET", id).body, "x");
}

TEST_F(TransportEndpointTest, DrainingEndsOldConnectionsAndTakesNoNewOnes) {
  start();
  const std::string id = open_polling();
  TestClient waiting(port);
  waiting.write(request("GET", id));
  TestClient socket(port);
  socket.write(upgrade(""));
  EXPECT_EQ(read_reply(socket).status, 101u);
  std::this_thread::sleep_for(milliseconds(100));
  endpoint->drain(milliseconds(100));
  EXPECT_EQ(read_reply(waiting).status, 204u);
  EXPECT_EQ(socket.read_bytes(4), websocket::close_frame(websocket::close_code::normal));
  EXPECT_EQ(ask("POST", "/negotiate?negotiateVersion=1").status, 503u);
}

// Requests of one client arrive at any shard at any time, some of them at once.
TEST_F(TransportEndpointTest, ManyClientsPollAndPostAtOnce) {
  start();
  constexpr int kClients = 4;
  constexpr int kRounds = 50;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([this] {
      const std::string id = open_polling();
      std::thread reader([&] {
        std::string all;
        while (all.size() < 2 * kRounds) {
          const Reply reply = ask("GET", id);
          ASSERT_EQ(reply.status, 200u);
          all += reply.body;
        }
        for (std::size_t n = 0; n < kRounds; ++n) ASSERT_EQ(all.substr(2 * n, 2), std::to_string(10 + n));
      });
      for (int n = 0; n < kRounds; ++n) EXPECT_EQ(ask("POST", id, std::to_string(10 + n)).status, 200u);
      reader.join();
      EXPECT_EQ(ask("DELETE", id).status, 202u);
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST_F(TransportEndpointTest, AClientBehindAPollMayGoAtAnyMoment) {
  start();
  const std::string id = open_polling();
  for (int n = 0; n < 50; ++n) {
    TestClient leaving(port);
    leaving.write(request("GET", id));
    if (n % 2 == 0) std::this_thread::sleep_for(milliseconds(2));
  }
  // Waits until the server has seen the last of these polls and its disconnection. The first poll opened the transport.
  for (int n = 0; n < 5'000 && answers.count < 51; ++n) std::this_thread::sleep_for(milliseconds(1));
  ASSERT_EQ(answers.count, 51);
  TestClient staying(port);
  staying.write(request("GET", id));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(ask("POST", id, "for who stays").status, 200u);
  EXPECT_EQ(read_reply(staying).body, "for who stays");
}

TEST_F(TransportEndpointTest, TheProgramMayEndWhileClientsWait) {
  start();
  const std::string polling = open_polling();
  const std::string idle = open_polling();
  TestClient waiting(port);
  waiting.write(request("GET", polling));
  TestClient socket(port);
  socket.write(upgrade(""));
  EXPECT_EQ(read_reply(socket).status, 101u);
  TestClient stream(port);
  const std::string events = negotiate();
  stream.write(request("GET", events, "", "Accept: text/event-stream\r\n"));
  stream.read_to(":\r\n");
  TestClient early(port);
  early.write(request("POST", negotiate(), std::string(100'000, 'x')));
  std::this_thread::sleep_for(milliseconds(100));  // until it waits for a transport
  for (const auto& shard : shards) shard->stop();  // as in a shutdown whose time is over
  server.reset();
  endpoint.reset();
}

}  // namespace
}  // namespace signalr
