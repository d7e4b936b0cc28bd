// The server over TLS, on real sockets.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "http/server/server.h"
#include "runtime/blocking_pool.h"
#include "support/cpp/test_certificates.h"
#include "support/cpp/tls_test_client.h"

namespace http {
namespace {

using signalr::TestClient;
using signalr::TlsClientOptions;
using signalr::TlsTestClient;

constexpr std::size_t kLarge = std::size_t{3} << 20;

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return bytes;
}

class HttpsTest : public testing::Test {
 protected:
  HttpsTest() {
    router.add("POST", "/echo", [](Exchange& exchange) -> runtime::Awaitable<Response> {
      co_return Response{.content_type = kText, .body = std::string(exchange.request.body)};
    });
    router.add("GET", "/scheme", [](Exchange& exchange) -> runtime::Awaitable<Response> {
      co_return Response{.content_type = kText, .body = std::string(exchange.request.scheme)};
    });
    router.add("GET", "/large", [](Exchange&) -> runtime::Awaitable<Response> {
      co_return Response{.content_type = kText, .body = pattern(kLarge)};
    });
    router.add("GET", "/wait", [this](Exchange& exchange) -> runtime::Awaitable<Response> {
      bool gone = false;
      runtime::Timer timer(exchange.shard.executor(), std::chrono::seconds(5));
      exchange.peer.watch([&] {
        gone = true;
        timer.cancel();
      });
      co_await timer.async_wait(runtime::tuple_awaitable);
      if (gone) ++noticed;
      co_return Response{.content_type = kText, .body = "waited"};
    });
  }
  void start(std::chrono::milliseconds header_timeout = std::chrono::seconds(10)) {
    write_identity(identity);
    ServerOptions options;
    options.addresses = {{"127.0.0.1", 0, true}, {"127.0.0.1", 0}};
    options.session.header_timeout = header_timeout;
    options.session.limits.body_bytes_max = 2 * kLarge;
    options.session.hsts_max_age = std::chrono::seconds(60);
    options.certificate = {files.path("server.pem"), "", ""};
    options.blocking = [this](std::function<void()> work) { return pool.submit(std::move(work)); };
    server.emplace(shards, router, cors, std::move(options));
    port = server->listen().value();
    plain_port = static_cast<std::uint16_t>(std::stoi(server->urls()[1].substr(server->urls()[1].rfind(':') + 1)));
    for (const auto& shard : shards) shard->start();
  }
  void TearDown() override {
    if (!server) return;
    server->drain();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(server->sessions(), 0u);
    for (const auto& shard : shards) shard->stop();
    pool.stop();
  }
  void write_identity(const tls::TestIdentity& one) const {
    files.write("server.pem", tls::pem_of(one.certificate) + tls::pem_of(one.key));
  }
  static std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
  static std::string post(const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static signalr::Reply ask(TestClient& client, const std::string& request) {
    client.write(request);
    return read_reply(client);
  }
  bool wait_for(const std::function<bool()>& condition) const {
    for (int n = 0; n < 5'000 && !condition(); ++n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
  }

  struct Handshakes : Observer {
    void failed_handshake() override { ++failed; }
    std::atomic<int> failed = 0;
  };

  const tls::TestFiles files;
  const tls::TestIdentity identity = tls::make_identity({.name = "first"});
  std::atomic<int> noticed = 0;
  runtime::BlockingPool pool{1, 16};
  runtime::Shards shards{2};
  CorsPolicy cors{{}};
  Handshakes observer;
  Router router{observer};
  std::optional<Server> server;
  std::uint16_t port = 0, plain_port = 0;
};

TEST_F(HttpsTest, AnswersOverBothVersions) {
  start();
  EXPECT_EQ(server->urls()[0], "https://127.0.0.1:" + std::to_string(port));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsTestClient client(port, {.version_min = version, .version_max = version});
    ASSERT_TRUE(client.connected()) << client.failure();
    EXPECT_EQ(client.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_EQ(ask(client, get("/scheme")).body, "https");
    EXPECT_EQ(ask(client, post("hello")).body, "hello") << "the connection is kept";
  }
  TestClient plain(plain_port);
  EXPECT_EQ(ask(plain, get("/scheme")).body, "");
}

TEST_F(HttpsTest, TellsBrowsersToComeByHttpsOnly) {
  start();
  const auto told = [](TestClient& client, const std::string& host) {
    const std::string head = ask(client, "GET /scheme HTTP/1.1\r\nHost: " + host + "\r\n\r\n").head;
    return head.find("\r\nStrict-Transport-Security: max-age=60\r\n") != std::string::npos;
  };
  TlsTestClient secure(port);
  EXPECT_TRUE(told(secure, "chat.example"));
  EXPECT_TRUE(told(secure, "chat.example:5001"));
  for (const char* own : {"LocalHost:5001", "127.0.0.1", "[::1]:5001"}) EXPECT_FALSE(told(secure, own)) << own;
  TestClient plain(plain_port);
  EXPECT_FALSE(told(plain, "chat.example"));
}

TEST_F(HttpsTest, RefusesOlderVersionsAndOtherProtocols) {
  start();
  const TlsTestClient old(port, {.version_min = TLS1_VERSION, .version_max = TLS1_1_VERSION});
  EXPECT_FALSE(old.connected());
  EXPECT_EQ(old.failure(), "tlsv1 alert protocol version");
  const TlsTestClient second(port, {.protocols = {"\x02h2", 3}});
  EXPECT_FALSE(second.connected());
  EXPECT_EQ(second.failure(), "tlsv1 alert no application protocol");
  const TlsTestClient either(port, {.protocols = {"\x02h2\x08http/1.1", 12}});
  EXPECT_EQ(either.protocol(), "http/1.1");
  TlsTestClient none(port, {.protocols = {}});
  EXPECT_EQ(ask(none, get("/scheme")).body, "https");
}

TEST_F(HttpsTest, ResumesSessions) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options{.version_min = version, .version_max = version};
    TlsTestClient first(port, options);
    EXPECT_EQ(ask(first, get("/scheme")).status, 200u);
    EXPECT_EQ(SSL_session_reused(first.ssl()), 0);
    const std::shared_ptr<SSL_SESSION> session(SSL_get1_session(first.ssl()), SSL_SESSION_free);
    options.session = session.get();
    TlsTestClient second(port, options);
    EXPECT_EQ(ask(second, get("/scheme")).status, 200u);
    EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
  }
}

TEST_F(HttpsTest, CarriesLargeBodiesBothWays) {
  start();
  const std::string body = pattern(kLarge);
  TlsTestClient client(port);
  EXPECT_TRUE(ask(client, get("/large")).body == body);
  // The answer to a request whose body is large waits until the client reads.
  EXPECT_TRUE(ask(client, post(body)).body == body);
  EXPECT_EQ(ask(client, post("small")).body, "small");
}

TEST_F(HttpsTest, ReadsRequestsInAnyPieces) {
  start();
  TlsTestClient client(port);
  for (const char byte : post("byte by byte")) client.write({&byte, 1});
  EXPECT_EQ(read_reply(client).body, "byte by byte");
  // Many requests in one record, and many records before any answer is read.
  std::string many;
  for (int n = 0; n < 200; ++n) many += post(std::to_string(n));
  client.write(many);
  for (int n = 0; n < 200; ++n) ASSERT_EQ(read_reply(client).body, std::to_string(n));
  for (int n = 0; n < 200; ++n) client.write(post(std::to_string(n)));
  for (int n = 0; n < 200; ++n) ASSERT_EQ(read_reply(client).body, std::to_string(n));
}

TEST_F(HttpsTest, SaysThatItSendsNoMore) {
  start();
  TlsTestClient client(port);
  client.write("GET /scheme HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(read_reply(client).body, "https");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.told_of_end());

  TlsTestClient slow(port);  // its buffers are full when the server is done
  slow.write("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(read_reply(slow).body.size(), kLarge);
  EXPECT_TRUE(slow.ended());
  EXPECT_TRUE(slow.told_of_end());
}

TEST_F(HttpsTest, NoticesAClientThatLeavesWhileItWaits) {
  start();
  {
    TlsTestClient polite(port);
    polite.write(get("/wait"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(noticed, 0);
    SSL_shutdown(polite.ssl());
    EXPECT_TRUE(wait_for([this] { return noticed == 1; }));
  }
  {
    TlsTestClient abrupt(port);
    abrupt.write(get("/wait"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(wait_for([this] { return noticed == 2; }));
}

TEST_F(HttpsTest, EndsASlowHandshakeByItsDeadline) {
  start(std::chrono::milliseconds(100));
  TestClient silent(port);
  TestClient half(port);
  half.write(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  const auto started = std::chrono::steady_clock::now();
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(half.ended());
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
  EXPECT_TRUE(wait_for([this] { return observer.failed == 2; }));
}

TEST_F(HttpsTest, ClosesClearTextOnItsPort) {
  start();
  TestClient plain(port);
  plain.write(get("/scheme"));
  EXPECT_TRUE(plain.ended());
  TestClient noise(port);
  noise.write(std::string(100, '\0'));
  noise.read_to("never");  // an alert, perhaps
  EXPECT_TRUE(wait_for([this] { return server->sessions() == 0; }));
  EXPECT_EQ(observer.failed, 2);
}

TEST_F(HttpsTest, ClosesTlsOnTheClearTextPort) {
  start();
  const TlsTestClient lost(plain_port);
  EXPECT_FALSE(lost.connected());
  EXPECT_TRUE(wait_for([this] { return server->sessions() == 0; }));
}

TEST_F(HttpsTest, RefusesToRenegotiate) {
  start();
  TlsTestClient client(port, {.version_max = TLS1_2_VERSION});
  EXPECT_EQ(ask(client, get("/scheme")).status, 200u);
  SSL_renegotiate(client.ssl());
  EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
  TlsTestClient other(port);
  EXPECT_EQ(ask(other, get("/scheme")).status, 200u);
}

TEST_F(HttpsTest, GoesOnAfterTheClientChangesItsKeys) {
  start();
  TlsTestClient client(port, {.version_min = TLS1_3_VERSION});
  for (int n = 0; n < 3; ++n) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(ask(client, post("hello")).body, "hello");
  }
}

TEST_F(HttpsTest, TakesNewCertificatesWithoutAFailedHandshake) {
  start();
  TlsTestClient kept(port);
  EXPECT_EQ(kept.server_name(), "first");
  std::atomic<bool> done = false;
  std::thread swaps([&] {
    for (int n = 0; !done; ++n) {
      write_identity(tls::make_identity({.name = "next-" + std::to_string(n)}));
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  int failed = 0;
  for (int n = 0; n < 200; ++n) {
    TlsTestClient client(port);
    if (!client.connected() || ask(client, get("/scheme")).status != 200) ++failed;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // two looks at the files at least
  }
  done = true;
  swaps.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(ask(kept, get("/scheme")).status, 200u) << "older connections go on";
  write_identity(tls::make_identity({.name = "last"}));
  EXPECT_TRUE(wait_for([this] { return TlsTestClient(port).server_name() == "last"; }));
  files.write("server.pem", "broken");
  std::this_thread::sleep_for(std::chrono::milliseconds(1'200));
  EXPECT_EQ(TlsTestClient(port).server_name(), "last");
}

TEST_F(HttpsTest, DoesNotStartWithoutACertificate) {
  ServerOptions options;
  options.addresses = {{"127.0.0.1", 0, true}};
  Server none(shards, router, cors, options);
  EXPECT_EQ(none.listen().error().text, "an address with https needs a certificate, and none is named");
  options.certificate.path = files.path("missing");
  Server missing(shards, router, cors, options);
  EXPECT_EQ(missing.listen().error().text, files.path("missing") + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace http
