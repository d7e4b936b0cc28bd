// For tests: a client over a socket that blocks, and what it says.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <charconv>
#include <string>
#include <string_view>

#include "runtime/asio_types.h"
#include "websocket/codec/frame.h"

namespace signalr {

class TestClient {
 public:
  // `from`: the address that the server sees.
  explicit TestClient(std::uint16_t port, const char* from = "127.0.0.1") {
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.bind({boost::asio::ip::make_address_v4(from), 0});
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  virtual ~TestClient() = default;
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  virtual void write(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  // Everything up to `end`, that too; what there is when the connection ends before.
  std::string read_to(std::string_view end) {
    while (input_.find(end) == std::string::npos && read_more()) continue;
    const std::size_t at = input_.find(end);
    return take(at == std::string::npos ? input_.size() : at + end.size());
  }
  std::string read_bytes(std::size_t count) {
    while (input_.size() < count && read_more()) continue;
    return take(std::min(count, input_.size()));
  }
  bool has_input() const { return !input_.empty() || socket_.available() > 0; }
  // True when nothing but the end comes.
  bool ended() { return read_bytes(1).empty(); }

 protected:
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  // Returns 0 at the end.
  virtual std::size_t receive(char* into, std::size_t room) {
    runtime::ErrorCodeAsio error;
    return socket_.read_some(boost::asio::buffer(into, room), error);
  }
  bool read_more() {
    std::array<char, 4096> some;
    const std::size_t count = receive(some.data(), some.size());
    input_.append(some.data(), count);
    return count > 0;
  }
  std::string take(std::size_t count) {
    std::string taken = input_.substr(0, count);
    input_.erase(0, count);
    return taken;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
  std::string input_;
};

struct Reply {
  unsigned status = 0;
  std::string head;
  std::string body;
};

inline Reply read_reply(TestClient& client) {
  Reply reply;
  reply.head = client.read_to("\r\n\r\n");
  if (reply.head.size() < 12) return reply;
  std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
  const std::size_t at = reply.head.find("Content-Length: ");
  std::size_t length = 0;
  if (at != std::string::npos)
    std::from_chars(reply.head.data() + at + 16, reply.head.data() + reply.head.size(), length);
  reply.body = client.read_bytes(length);
  return reply;
}

inline std::string upgrade_request(const std::string& target) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

inline std::string masked_text(std::string_view text) {
  return websocket::masked_frame(websocket::Opcode::text, text, {1, 2, 3, 4});
}

}  // namespace signalr
