// The transports: the bytes that clients send and get over each of them.
#include "signalr/connection/transport_endpoint.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <thread>

#include "support/cpp/transport_endpoint_fixture.h"
#include "websocket/codec/frame.h"

namespace signalr {
namespace {

using std::chrono::milliseconds;

TEST_F(TransportEndpointTest, BytesGoBothWaysByLongPolling) {
  start();
  const std::string id = open_polling();
  for (const std::string text : {"hello", "a\nb", "\x1E"}) {
    EXPECT_EQ(ask("POST", id, text).status, 200u);
    const Reply reply = ask("GET", id);
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.body, text);
  }
  TestClient waiting(port);
  waiting.write(request("GET", id));
  std::this_thread::sleep_for(milliseconds(100));  // the two requests take different ways
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  EXPECT_EQ(read_reply(waiting).status, 204u);
}

// Microsoft's Java client says goodbye while its next poll is on its way, and takes 404 for an error.
TEST_F(TransportEndpointTest, APollOnItsWayWhenItsClientSaysGoodbyeIsToldTheEnd) {
  start();
  const std::string id = open_polling();
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  EXPECT_EQ(ask("GET", id).status, 204u);
  for (int n = 0; n < 5'000 && endpoint->connections() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(ask("GET", id).status, 404u);
}

TEST_F(TransportEndpointTest, AClientThatSaysGoodbyeTwiceHasNoPollOnItsWay) {
  start();
  const std::string id = open_polling();
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  for (int n = 0; n < 500 && endpoint->connections() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(endpoint->connections(), 0u);
  EXPECT_EQ(ask("GET", id).status, 404u);
}

TEST_F(TransportEndpointTest, AClientThatSaidGoodbyeIsNotWaitedForLong) {
  start({.transport = {.disconnect_timeout = std::chrono::hours(1)}});
  const std::string id = open_polling();
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  EXPECT_EQ(ask("POST", id, "too late").status, 404u) << "also while a poll may be on its way";
  for (int n = 0; n < 5'000 && endpoint->connections() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(endpoint->connections(), 0u);
}

TEST_F(TransportEndpointTest, BytesGoBothWaysByEvents) {
  start();
  const std::string id = negotiate();
  TestClient stream(port);
  stream.write(request("GET", id, "", "Accept: text/event-stream\r\n"));
  EXPECT_NE(stream.read_to("\r\n\r\n").find("text/event-stream"), std::string::npos);
  EXPECT_EQ(stream.read_to("\n"), ":\r\n");
  EXPECT_EQ(ask("POST", id, "a\nb").status, 200u);
  EXPECT_EQ(stream.read_to("\r\n\r\n"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(ask("POST", id, "close").status, 200u);
  EXPECT_TRUE(stream.ended());
}

TEST_F(TransportEndpointTest, BytesGoBothWaysByWebSocket) {
  start();
  for (const bool negotiated : {true, false}) {
    TestClient client(port);
    client.write(upgrade(negotiated ? negotiate() : ""));
    EXPECT_EQ(read_reply(client).status, 101u);
    client.write(masked_text("hello"));
    EXPECT_EQ(client.read_bytes(7), websocket::frame(websocket::Opcode::text, "hello"));
    client.write(masked_text("close"));
    EXPECT_EQ(client.read_bytes(4), websocket::close_frame(websocket::close_code::normal));
  }
}

TEST_F(TransportEndpointTest, WhatIsPostedBeforeATransportIsOpenIsReadFirst) {
  start();
  const std::string polled = negotiate();
  EXPECT_EQ(ask("POST", polled, "ea").status, 200u);
  EXPECT_EQ(ask("POST", polled, "rly").status, 200u);
  EXPECT_EQ(ask("GET", polled).status, 200u);
  EXPECT_EQ(ask("GET", polled).body, "early");

  const std::string streamed = negotiate();
  EXPECT_EQ(ask("POST", streamed, "early").status, 200u);
  TestClient stream(port);
  stream.write(request("GET", streamed, "", "Accept: text/event-stream\r\n"));
  EXPECT_TRUE(stream.read_to("data: early\r\n\r\n").ends_with("data: early\r\n\r\n"));

  const std::string socket = negotiate();
  EXPECT_EQ(ask("POST", socket, "early").status, 200u);
  TestClient client(port);
  client.write(upgrade(socket) + masked_text("late"));
  EXPECT_EQ(read_reply(client).status, 101u);
  EXPECT_EQ(client.read_bytes(7), websocket::frame(websocket::Opcode::text, "early"));
  EXPECT_EQ(client.read_bytes(6), websocket::frame(websocket::Opcode::text, "late"));
}

TEST_F(TransportEndpointTest, MoreThanIsKeptEarlyWaitsForTheTransport) {
  start({.transport = {.ingress_bytes_max = 10 + Registry::kRoomBytes}});
  const std::string id = negotiate();
  const std::string unopened = negotiate();
  EXPECT_EQ(ask("POST", id, "0123456789").status, 200u);
  TestClient waiting(port);
  waiting.write(request("POST", id, "a"));
  TestClient hopeless(port);
  hopeless.write(request("POST", unopened, "0123456789a"));
  std::this_thread::sleep_for(milliseconds(100));  // the other requests take different ways
  EXPECT_EQ(ask("GET", id).status, 200u);
  EXPECT_EQ(read_reply(waiting).status, 200u);
  std::string all;
  while (all.size() < 11) all += ask("GET", id).body;
  EXPECT_EQ(all, "0123456789a");
  endpoint->drain(milliseconds(100));
  EXPECT_EQ(read_reply(hopeless).status, 404u);
}

// Only the head of each request is sent.
TEST_F(TransportEndpointTest, WhoMayNotPostIsToldByItsHead) {
  start({.admit = admit});
  const std::string parent = "X-User: parent\r\n";
  const std::string id = negotiate(parent);
  const std::string socket = negotiate();
  TestClient opened(port);
  opened.write(upgrade(socket));
  EXPECT_EQ(read_reply(opened).status, 101u);
  const auto status = [&](const std::string& query, const std::string& headers, const std::string& length) {
    TestClient client(port);
    client.write("POST /echo" + query + " HTTP/1.1\r\nHost: a\r\n" + headers + length + "\r\n");
    return read_reply(client).status;
  };
  for (const std::string length :
       {"Content-Length: 1048576\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(status("", "", length), 400u) << length;
    EXPECT_EQ(status("?id=unknown", "", length), 404u) << length;
    EXPECT_EQ(status(id, "", length), 403u) << length;
    EXPECT_EQ(status(id, "X-User: nobody\r\n", length), 401u) << length;
    EXPECT_EQ(status(socket, "", length), 405u) << length;
    EXPECT_EQ(status("/nothing", "", length), 404u) << length;
  }
  EXPECT_EQ(status(id, parent, "Content-Length: 1048577\r\n"), 413u);
}

// The server skips the body of a refused request if its length is known and small.
TEST_F(TransportEndpointTest, AfterARefusalTheConnectionGoesOnOrIsClosed) {
  start();
  TestClient client(port);
  client.write(request("POST", "?id=unknown", "some body"));
  EXPECT_EQ(read_reply(client).status, 404u);
  client.write(request("POST", "/negotiate"));
  EXPECT_EQ(read_reply(client).status, 200u);
  client.write("POST /echo?id=unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\nsome");
  const Reply refusal = read_reply(client);
  EXPECT_EQ(refusal.status, 404u);
  EXPECT_NE(refusal.head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client.ended());
}

// The handler reads nothing while it is stuck, so the posted bytes stay where they are.
TEST_F(TransportEndpointTest, ABodyIsNotReadBeforeThereIsRoomForIt) {
  std::atomic<bool> stuck = true;
  start({.transport = {.ingress_bytes_max = 1000}},
        [&stuck](std::shared_ptr<TransportConnection> transport) -> runtime::Awaitable<void> {
          std::string bytes;
          while (stuck) co_await boost::asio::post(transport->shard().executor(), runtime::use_awaitable);
          bool open = true;
          while (open) {
            const TransportConnection::Arrival arrival = co_await transport->read(bytes);
            open = arrival == TransportConnection::Arrival::data;
          }
        });
  const std::string id = open_polling();
  EXPECT_EQ(ask("POST", id, std::string(5000, 'x')).status, 200u) << "one may be longer";
  TestClient waiting(port);
  waiting.write("POST /echo" + id + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_FALSE(waiting.has_input()) << "it has not been asked for its body";
  stuck = false;
  EXPECT_EQ(read_reply(waiting).status, 100u);
  waiting.write("12345");
  EXPECT_EQ(read_reply(waiting).status, 200u);
}

TEST_F(TransportEndpointTest, AnEmptyPostIsNothing) {
  start();
  const std::string id = open_polling();
  EXPECT_EQ(ask("POST", id).status, 200u);
  EXPECT_EQ(ask("POST", id, "x").status, 200u);
  EXPECT_EQ(ask("GET", id).body, "x");
}

// Microsoft's clients keep the slash at the end of a hub's address.
TEST_F(TransportEndpointTest, ASlashAtTheEndOfThePathDoesNotCount) {
  start();
  EXPECT_EQ(ask("POST", "/negotiate/").status, 200u);
  const std::string id = "/" + negotiate();
  EXPECT_EQ(ask("GET", id).status, 200u);
  EXPECT_EQ(ask("POST", id, "x").status, 200u);
  EXPECT_EQ(ask("GET", id).body, "x");
  EXPECT_EQ(ask("DELETE", id).status, 202u);
  EXPECT_EQ(ask("POST", "//negotiate").status, 404u);
}

}  // namespace
}  // namespace signalr
