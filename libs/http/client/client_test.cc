// The client against our server, over TLS.
#include "http/client/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "http/server/server.h"
#include "support/cpp/test_certificates.h"
#include "tls/certificates.h"

namespace http {
namespace {

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    router.add("GET", "/hello", [this](Exchange& exchange) -> runtime::Awaitable<Response> {
      ++asked;
      co_return Response{.content_type = kText, .body = "hello " + std::string(exchange.request.scheme)};
    });
    router.add("POST", "/echo", [](Exchange& exchange) -> runtime::Awaitable<Response> {
      co_return Response{.content_type = kJson, .body = std::string(exchange.request.body)};
    });
    router.add("GET", "/large", [](Exchange&) -> runtime::Awaitable<Response> {
      co_return Response{.content_type = kText, .body = std::string(2'000, 'x')};
    });
    router.add("GET", "/moved", [](Exchange&) -> runtime::Awaitable<Response> {
      co_return Response{.status = 302, .headers = {{"Location", "/hello"}}};
    });
  }
  ~ClientTest() override {
    if (!server) return;
    server->drain();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (const auto& shard : shards) shard->stop();
  }

  // Shows a certificate that an authority of our own has issued, through another one.
  void start(const tls::TestCertificateOptions& certificate = {}) {
    const tls::TestIdentity between = tls::make_identity({.name = "between", .also = "", .issues_others = true}, &root);
    const tls::TestIdentity shown = tls::make_identity(certificate, &between);
    ServerOptions options;
    options.addresses = {{"127.0.0.1", 0, true}};
    options.certificate.path = files.write(
        "server.pem", tls::pem_of(shown.certificate) + tls::pem_of(between.certificate) + tls::pem_of(shown.key));
    server.emplace(shards, router, cors, std::move(options));
    port = server->listen().value();
    for (const auto& shard : shards) shard->start();
  }
  Client client(const std::string& host = "localhost", ClientOptions options = {}) const {
    if (options.ca_file.empty()) options.ca_file = root_file;
    return Client(resolve("https://" + host + ":" + std::to_string(port)).value(), std::chrono::seconds(5),
                  std::move(options));
  }
  std::string failure(const base::Result<Answer>& answer) const {
    if (answer) return "";
    const std::size_t begin = answer.error().text.find(' ');
    return answer.error().text.substr(begin + 1);
  }

  const tls::TestFiles files;
  const tls::TestIdentity root = tls::make_identity({.name = "root", .also = "", .issues_others = true});
  const std::string root_file = files.write("root.pem", tls::pem_of(root.certificate));
  std::atomic<int> asked = 0;
  runtime::Shards shards{1};
  CorsPolicy cors{{}};
  Router router;
  std::optional<Server> server;
  std::uint16_t port = 0;
};

TEST_F(ClientTest, AsksAServerWhoseCertificateItBelieves) {
  start();
  Client named = client();
  EXPECT_EQ(named.get("/hello")->body, "hello https");
  EXPECT_EQ(named.post_json("/echo", "{}")->body, "{}");
  EXPECT_EQ(server->sessions(), 1u) << "the connection is kept";
  Client numbered = client("127.0.0.1");
  EXPECT_EQ(numbered.get("/hello")->body, "hello https");
  EXPECT_TRUE(numbered.reach());
}

TEST_F(ClientTest, AsksNobodyElse) {
  start({.also = "DNS:example.org"});
  Client wrong_name = client();
  EXPECT_EQ(failure(wrong_name.get("/hello")), "does not prove that it is localhost: hostname mismatch");
  Client wrong_address = client("127.0.0.1");
  EXPECT_EQ(failure(wrong_address.get("/hello")), "does not prove that it is 127.0.0.1: IP address mismatch");
  EXPECT_FALSE(wrong_name.reach());

  const tls::TestIdentity other = tls::make_identity({.name = "other", .issues_others = true});
  Client stranger = client("localhost", {.ca_file = files.write("other.pem", tls::pem_of(other.certificate))});
  EXPECT_NE(failure(stranger.get("/hello")).find("does not prove that it is localhost: "), std::string::npos);
  Client without = client("localhost", {.ca_file = files.path("missing.pem")});
  EXPECT_NE(failure(without.get("/hello")).find("missing.pem: "), std::string::npos);
  Client by_system(resolve("https://localhost:" + std::to_string(port)).value(), std::chrono::seconds(5));
  EXPECT_NE(failure(by_system.get("/hello")).find("does not prove that it is localhost: "), std::string::npos);
  EXPECT_EQ(asked, 0);
}

TEST_F(ClientTest, BelievesTheOneCertificateThatItIsGivenAndNoOtherByIt) {
  const tls::TestIdentity stranger = tls::make_identity({.name = "server", .also = "DNS:example.org"});
  start({.also = "DNS:example.org", .begins = -std::chrono::hours(48), .ends = -std::chrono::hours(24)});
  Client knowing =
      client("127.0.0.1", {.certificate = tls::read_certificate({files.path("server.pem"), "", ""}).value()});
  EXPECT_EQ(knowing.get("/hello")->body, "hello https");
  EXPECT_EQ(server->sessions(), 1u);

  const std::string other = files.write("stranger.pem", tls::pem_of(stranger.certificate));
  Client mistaken = client("127.0.0.1", {.certificate = tls::read_certificate({other, "", ""}).value()});
  EXPECT_NE(failure(mistaken.get("/hello")).find("does not prove that it is 127.0.0.1: "), std::string::npos);
  EXPECT_EQ(asked, 1);
}

TEST_F(ClientTest, BelievesTheOthersOfItsListBesideThatCertificate) {
  start();
  Client believing = client("localhost", {.certificate = "another one"});
  EXPECT_EQ(believing.get("/hello")->body, "hello https");
}

TEST_F(ClientTest, RefusesAnExpiredCertificate) {
  start({.begins = -std::chrono::hours(48), .ends = -std::chrono::hours(24)});
  Client believing = client();
  EXPECT_EQ(failure(believing.get("/hello")), "does not prove that it is localhost: certificate has expired");
}

TEST_F(ClientTest, BoundsTheAnswerAndFollowsNoRedirect) {
  start();
  Client small = client("localhost", {.body_bytes_max = 1'000});
  EXPECT_EQ(small.get("/hello")->status, 200u);
  EXPECT_EQ(failure(small.get("/large")), "answers with more than 1000 bytes");
  EXPECT_EQ(small.get("/hello")->status, 200u);
  EXPECT_EQ(small.get("/moved")->status, 302u);
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientTest, GivesUpAHandshakeThatNeverEnds) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  Client waiting(resolve("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port())).value(),
                 std::chrono::milliseconds(100));
  const auto started = std::chrono::steady_clock::now();
  EXPECT_NE(failure(waiting.get("/")), "");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

}  // namespace
}  // namespace http
