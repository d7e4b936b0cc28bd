#include "bench/fanout/poster.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "bench/fanout/server_frames.h"
#include "bench/request_set.h"

namespace message_service::bench {
namespace {

constexpr int connect_timeout_ms = 5000;

// A POST larger than the socket's buffer waits for the server; the poster has no other work meanwhile.
bool write_waiting(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    pollfd wait{.fd = socket, .events = POLLOUT, .revents = 0};
    if (errno != EAGAIN || poll(&wait, 1, connect_timeout_ms) != 1) return false;
  }
  return true;
}

}  // namespace

base::Result<void> Poster::open() {
  base::Result<Descriptor> socket = begin_connect(plan_.endpoint);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  pollfd wait{.fd = socket_.number(), .events = POLLOUT, .revents = 0};
  if (poll(&wait, 1, connect_timeout_ms) != 1 || !has_connected(socket_.number())) {
    return base::Error{base::ErrorCode::unavailable, "http://" + plan_.authority + " does not answer"};
  }
  return {};
}

void Poster::pump(base::SteadyTime now) {
  if (!is_posting() || in_flight_ || now < due_at(next_)) return;
  const std::string body = R"({"senderId":")" + std::string(sender_id) + R"(","senderType":")" +
                           std::string(sender_type) + R"(","content":")" +
                           numbered_content(next_, plan_.content_bytes) + R"("})";
  const std::string authorization = plan_.token.empty() ? "" : "\r\nAuthorization: Bearer " + plan_.token;
  const std::string request =
      "POST /api/conversations/" + conversation_id(static_cast<std::uint32_t>(next_ % plan_.conversations)) +
      "/messages HTTP/1.1\r\nHost: " + plan_.authority + authorization +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  in_flight_ = true;
  parser_.reset();
  if (write_waiting(socket_.number(), request)) return;
  broken_ = true;
  finish(false);
}

void Poster::receive() {
  std::array<char, 4096> buffer;
  const ssize_t count = recv(socket_.number(), buffer.data(), buffer.size(), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count > 0 && in_flight_) {
    parser_.feed({buffer.data(), static_cast<std::size_t>(count)});
    if (parser_.state() == ResponseParser::State::complete) return finish(parser_.status() / 100 == 2);
    if (parser_.state() != ResponseParser::State::malformed) return;
  }
  broken_ = true;
  socket_.close();
  if (in_flight_) finish(false);
}

void Poster::finish(bool accepted) {
  in_flight_ = false;
  if (accepted) {
    ++accepted_;
    ++accepted_by_[next_ % plan_.conversations];
  } else {
    ++failed_;
  }
  ++next_;
}

}  // namespace message_service::bench
