// Plain non-blocking TCP sockets, for code that holds thousands of them and where each call counts. Values and
// functions; any thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace message_service::bench {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

// Both ends of every run send at once, without Nagle's delay.
void set_no_delay(int socket);

// Sets how much the kernel keeps for a late reader.
void set_receive_bytes(int socket, int bytes);

// Small limits on the bytes that the kernels on both ends keep for a client. They decide how soon the server notices
// that the client reads nothing.
struct SmallBuffers {
  int receive_bytes;
  int segment_bytes;  // the loopback interface's segments are so large that megabytes of them wait
};

// Begins to connect; the socket is ready to write when it has connected.
base::Result<Descriptor> begin_connect(const boost::asio::ip::tcp::endpoint& endpoint,
                                       const std::optional<SmallBuffers>& buffers = std::nullopt);

// Whether the connect of begin_connect() has succeeded.
bool has_connected(int socket);

// For short writes into an empty socket buffer. Returns true when the socket took all bytes.
bool write_all(int socket, std::string_view bytes);

void watch(int epoll, int socket, std::uint32_t events, std::uint64_t tag);
void change_watch(int epoll, int socket, std::uint32_t events, std::uint64_t tag);
void unwatch(int epoll, int socket);

}  // namespace message_service::bench
