// The transports over TLS.
#include <gtest/gtest.h>

#include <thread>

#include "support/cpp/test_certificates.h"
#include "support/cpp/tls_test_client.h"
#include "support/cpp/transport_endpoint_fixture.h"
#include "websocket/codec/frame.h"

namespace signalr {
namespace {

class TransportEndpointTlsTest : public TransportEndpointTest {
 protected:
  void start_secure(TransportEndpointOptions options = {}) {
    const tls::TestIdentity identity = tls::make_identity();
    http::ServerOptions server_options;
    server_options.addresses = {{"127.0.0.1", 0, true}};
    server_options.certificate.path =
        files.write("server.pem", tls::pem_of(identity.certificate) + tls::pem_of(identity.key));
    start(std::move(options), echo, server_options);
  }
  Reply ask_securely(const std::string& verb, const std::string& query, const std::string& body = "") const {
    TlsTestClient client(port);
    client.write(request(verb, query, body));
    return read_reply(client);
  }
  std::string negotiate_securely() const {
    const std::string_view name = "\"connectionToken\":\"";
    const Reply reply = ask_securely("POST", "/negotiate?negotiateVersion=1");
    return "?id=" + reply.body.substr(reply.body.find(name) + name.size(), 22);
  }

  const tls::TestFiles files;
};

TEST_F(TransportEndpointTlsTest, BytesGoBothWaysByWebSocket) {
  start_secure();
  TlsTestClient client(port);
  client.write(upgrade("") + masked_text("early"));  // in one record with the request
  EXPECT_EQ(read_reply(client).status, 101u);
  EXPECT_EQ(client.read_bytes(7), websocket::frame(websocket::Opcode::text, "early"));
  for (int n = 0; n < 1'000; ++n) client.write(masked_text(std::to_string(1'000 + n)));
  for (int n = 0; n < 1'000; ++n) {
    ASSERT_EQ(client.read_bytes(6), websocket::frame(websocket::Opcode::text, std::to_string(1'000 + n)));
  }
  client.write(masked_text("close"));
  EXPECT_EQ(client.read_bytes(4), websocket::close_frame(websocket::close_code::normal));
  client.write(websocket::masked_frame(websocket::Opcode::close, {}, {1, 2, 3, 4}));
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.told_of_end());
}

TEST_F(TransportEndpointTlsTest, LargeMessagesGoBothWaysByWebSocket) {
  start_secure({.transport = {.egress_bytes_max = std::size_t{16} << 20}});
  TlsTestClient client(port);
  client.write(upgrade(""));
  EXPECT_EQ(read_reply(client).status, 101u);
  const std::string text(60'000, 'x');
  for (int n = 0; n < 50; ++n) {
    client.write(masked_text(text));
    std::string echoed;
    while (echoed.size() < text.size()) {  // as many frames as the server's reads
      const std::string head = client.read_bytes(2);
      ASSERT_EQ(head.size(), 2u);
      std::size_t size = static_cast<unsigned char>(head[1]);
      if (size == 126) {
        const std::string longer = client.read_bytes(2);
        size = static_cast<unsigned char>(longer[0]) * 256u + static_cast<unsigned char>(longer[1]);
      }
      echoed += client.read_bytes(size);
    }
    ASSERT_TRUE(echoed == text);
  }
}

TEST_F(TransportEndpointTlsTest, BytesGoBothWaysByEventsAndLongPolling) {
  start_secure();
  const std::string id = negotiate_securely();
  TlsTestClient stream(port);
  stream.write(request("GET", id, "", "Accept: text/event-stream\r\n"));
  EXPECT_NE(stream.read_to("\r\n\r\n").find("text/event-stream"), std::string::npos);
  EXPECT_EQ(stream.read_to("\n"), ":\r\n");
  EXPECT_EQ(ask_securely("POST", id, "a\nb").status, 200u);
  EXPECT_EQ(stream.read_to("\r\n\r\n"), "data: a\r\ndata: b\r\n\r\n");
  EXPECT_EQ(ask_securely("POST", id, "close").status, 200u);
  EXPECT_TRUE(stream.ended());
  EXPECT_TRUE(stream.told_of_end());

  const std::string polled = negotiate_securely();
  EXPECT_EQ(ask_securely("GET", polled).status, 200u);
  EXPECT_EQ(ask_securely("POST", polled, "hello").status, 200u);
  EXPECT_EQ(ask_securely("GET", polled).body, "hello");
}

TEST_F(TransportEndpointTlsTest, AClientThatLeavesIsNoticed) {
  start_secure();
  {
    TlsTestClient stream(port);
    stream.write(request("GET", negotiate_securely(), "", "Accept: text/event-stream\r\n"));
    EXPECT_EQ(stream.read_to("\r\n\r\n").substr(9, 3), "200");
    TlsTestClient socket(port);
    socket.write(upgrade(""));
    EXPECT_EQ(read_reply(socket).status, 101u);
    EXPECT_EQ(endpoint->connections(), 2u);
  }
  for (int n = 0; n < 5'000 && endpoint->connections() > 0; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(endpoint->connections(), 0u);
}

}  // namespace
}  // namespace signalr
