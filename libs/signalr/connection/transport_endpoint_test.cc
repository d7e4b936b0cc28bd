// The transports over real sockets and two shards, with an echo instead of a hub.
#include "signalr/connection/transport_endpoint.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <thread>

#include "http/server/server.h"
#include "support/cpp/signalr_test_client.h"
#include "websocket/codec/frame.h"

namespace signalr {
namespace {

using std::chrono::milliseconds;

runtime::Awaitable<void> echo(std::shared_ptr<TransportConnection> transport) {
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
Admission admit(const http::Request& request) {
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
  void start(TransportEndpointOptions options = {}, TransportEndpoint::Serve serve = echo) {
    endpoint.emplace(shards, cors, std::move(options), std::move(serve));
    endpoint->add_routes(router, "/echo");
    server.emplace(shards, router, cors, http::ServerOptions());
    port = server->listen().value();
    for (const auto& shard : shards) shard->start();
  }
  void TearDown() override {
    if (!server) return;
    server->drain();
    endpoint->abort();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
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
  std::this_thread::sleep_for(milliseconds(100));  // the two go different ways
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
  std::this_thread::sleep_for(milliseconds(100));  // the others go different ways
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

// The body that nobody wants is passed over where its length is known and small.
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

// The echo is not read on while a client takes nothing, so what was posted stays where it is.
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

// Microsoft's clients take the slash of a hub's address along.
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

TEST_F(TransportEndpointTest, NegotiationsOfOneAddressLeaveRoomForOthers) {
  start({.connections_max = 8});
  std::vector<unsigned> answers;
  for (int n = 0; n < 5; ++n) answers.push_back(ask("POST", "/negotiate").status);
  EXPECT_EQ(answers, (std::vector<unsigned>{200, 200, 200, 200, 503}));
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
  start({.admit = [](const http::Request& request) -> Admission {
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

// Requests of one client come by any shard at any time, some of them at once.
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
  // Until the last of those has been seen, and seen to be gone. The first opened the transport.
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
  for (const auto& shard : shards) shard->stop();  // as a shutdown whose time is over
  server.reset();
  endpoint.reset();
}

}  // namespace
}  // namespace signalr
