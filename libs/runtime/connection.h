// A connection that does not block: a socket, and the TLS above it if it has any. Its owner waits, then reads or writes
// as much as goes now; `would_block` says to wait again.
//
// On its shard's thread only.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "runtime/asio_types.h"
#include "tls/channel.h"

namespace runtime {

class Shard;

class Connection {
 public:
  // Clear text when there is no channel.
  explicit Connection(Socket socket, std::unique_ptr<tls::Channel> channel = {})
      : socket_(std::move(socket)), channel_(std::move(channel)) {}

  bool is_open() const { return socket_.is_open(); }
  bool is_secure() const { return channel_ != nullptr; }
  Executor executor() { return socket_.get_executor(); }
  // For the socket's own options and addresses. Its bytes are the connection's.
  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }

  // Of a secure connection, before everything else.
  void handshake(ErrorCodeAsio& error);

  // Why the handshake has just failed, for people.
  std::string fault() const { return channel_->fault(); }

  // Resumes when read_some(), peek() or handshake() may find something.
  template <class Token>
  auto async_wait_readable(Token&& token) {
    if (channel_ && channel_->has_input()) return async_post(std::forward<Token>(token));
    const bool for_room = channel_ && channel_->read_waits_for_room();
    return socket_.async_wait(for_room ? Socket::wait_write : Socket::wait_read, std::forward<Token>(token));
  }

  // Resumes when write_some() or end_sending() may go on.
  template <class Token>
  auto async_wait_writable(Token&& token) {
    const bool for_input = channel_ && channel_->write_waits_for_input();
    return socket_.async_wait(for_input ? Socket::wait_read : Socket::wait_write, std::forward<Token>(token));
  }

  std::size_t read_some(const boost::asio::mutable_buffer& into, ErrorCodeAsio& error) {
    return channel_ ? read_secure(into, error) : socket_.read_some(into, error);
  }

  // Reads one byte and leaves it: shows whether the peer still sends.
  std::size_t peek(ErrorCodeAsio& error);

  // After would_block, begin the next write with the same bytes.
  std::size_t write_some(const boost::asio::const_buffer& bytes, ErrorCodeAsio& error) {
    return channel_ ? write_secure({&bytes, 1}, error) : socket_.write_some(bytes, error);
  }
  std::size_t write_some(std::span<const boost::asio::const_buffer> buffers, ErrorCodeAsio& error) {
    return channel_ ? write_secure(buffers, error) : socket_.write_some(buffers, error);
  }

  // The bytes that are encrypted but not written, after a write that would have blocked. They cannot be taken back.
  std::size_t bytes_in_flight() const { return channel_ ? channel_->bytes_in_flight() : 0; }

  // True when input waits to be read.
  bool has_input() const;

  // Sends the end of this side. After would_block, wait and call it again.
  void end_sending(ErrorCodeAsio& error);

  void cancel();

  // Sends the end of this side, if there is room, and closes. Idempotent.
  void close();

 private:
  friend Connection move_connection(Connection connection, Shard& there);

  template <class Token>
  auto async_post(Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCodeAsio)>(
        [executor = socket_.get_executor()](auto handler) {
          boost::asio::post(executor,
                            [handler = std::move(handler)]() mutable { std::move(handler)(ErrorCodeAsio()); });
        },
        token);
  }

  bool check_open(ErrorCodeAsio& error) const;
  std::size_t read_secure(const boost::asio::mutable_buffer& into, ErrorCodeAsio& error);
  std::size_t write_secure(std::span<const boost::asio::const_buffer> buffers, ErrorCodeAsio& error);

  Socket socket_;
  std::unique_ptr<tls::Channel> channel_;
};

// Moves a connection to another shard. Call on the shard that has it; from then on only the other shard uses it.
Connection move_connection(Connection connection, Shard& there);

}  // namespace runtime
