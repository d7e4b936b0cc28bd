#include "bench/fanout/sockets.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace message_service::bench {

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

void set_no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_receive_bytes(int socket, int bytes) { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

base::Result<Descriptor> begin_connect(const boost::asio::ip::tcp::endpoint& endpoint,
                                       const std::optional<SmallBuffers>& buffers) {
  Descriptor socket(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.is_open()) {
    set_no_delay(socket.number());
    if (buffers) {
      set_receive_bytes(socket.number(), buffers->receive_bytes);
      const int segment_bytes = buffers->segment_bytes;
      setsockopt(socket.number(), IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
    }
    const auto size = static_cast<socklen_t>(endpoint.size());
    if (connect(socket.number(), endpoint.data(), size) == 0 || errno == EINPROGRESS) return socket;
  }
  return base::Error{base::ErrorCode::unavailable, "cannot connect: " + std::generic_category().message(errno)};
}

bool has_connected(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool write_all(int socket, std::string_view bytes) {
  return send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

void watch(int epoll, int socket, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{.events = events, .data = {.u64 = tag}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

void change_watch(int epoll, int socket, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{.events = events, .data = {.u64 = tag}};
  epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event);
}

void unwatch(int epoll, int socket) { epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr); }

}  // namespace message_service::bench
