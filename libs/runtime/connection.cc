#include "runtime/connection.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/shard.h"

namespace runtime {

namespace {

// Errors that wait in the queue are of no use: a peer caused them, and the connection ends.
ErrorCodeAsio error_of(const tls::Progress& progress) {
  switch (progress.outcome) {
    case tls::Outcome::done:
      return {};
    case tls::Outcome::wants_to_read:
    case tls::Outcome::wants_to_write:
      return boost::asio::error::would_block;
    case tls::Outcome::ended:
      return boost::asio::error::eof;
    case tls::Outcome::failed:
      break;
  }
  return boost::asio::error::connection_aborted;
}

// All connections of a thread join small buffers here; used inside one call.
std::array<char, tls::Channel::kRecordBytes>& joining_buffer() {
  thread_local std::array<char, tls::Channel::kRecordBytes> buffer;
  return buffer;
}

}  // namespace

void Connection::handshake(ErrorCodeAsio& error) {
  if (check_open(error)) error = error_of(channel_->handshake());
}

// The channel knows the socket's number only, which another connection may have once this socket is closed.
bool Connection::check_open(ErrorCodeAsio& error) const {
  error = socket_.is_open() ? ErrorCodeAsio() : boost::asio::error::bad_descriptor;
  return !error;
}

std::size_t Connection::peek(ErrorCodeAsio& error) {
  char byte;
  if (!channel_) return socket_.receive(boost::asio::buffer(&byte, 1), Socket::message_peek, error);
  if (!check_open(error)) return 0;
  const tls::Progress progress = channel_->peek({&byte, 1});
  error = error_of(progress);
  return progress.bytes;
}

std::size_t Connection::read_secure(const boost::asio::mutable_buffer& into, ErrorCodeAsio& error) {
  if (!check_open(error)) return 0;
  const tls::Progress progress = channel_->read({static_cast<char*>(into.data()), into.size()});
  error = error_of(progress);
  return progress.bytes;
}

// One record a call. Each record costs a system call and some thirty bytes, so small buffers share one.
std::size_t Connection::write_secure(std::span<const boost::asio::const_buffer> buffers, ErrorCodeAsio& error) {
  if (!check_open(error)) return 0;
  while (!buffers.empty() && buffers.front().size() == 0) buffers = buffers.subspan(1);
  std::span<const char> record;
  if (!buffers.empty()) record = {static_cast<const char*>(buffers.front().data()), buffers.front().size()};
  if (buffers.size() > 1 && record.size() < tls::Channel::kRecordBytes) {
    auto& joined = joining_buffer();
    std::size_t size = 0;
    for (const boost::asio::const_buffer& buffer : buffers) {
      const std::size_t taken = std::min(buffer.size(), joined.size() - size);
      std::memcpy(joined.data() + size, buffer.data(), taken);
      size += taken;
      if (size == joined.size()) break;
    }
    record = {joined.data(), size};
  }
  const tls::Progress progress = channel_->write(record);
  error = error_of(progress);
  return progress.bytes;
}

bool Connection::has_input() const {
  ErrorCodeAsio ignored;
  return socket_.available(ignored) > 0 || (channel_ && channel_->has_input());
}

// The end of TLS tells the peer that nothing was cut off; the end of TCP comes after it in any case.
void Connection::end_sending(ErrorCodeAsio& error) {
  if (channel_ && socket_.is_open()) {
    error = error_of(channel_->end_sending());
    if (error == boost::asio::error::would_block) return;
  }
  socket_.shutdown(Socket::shutdown_send, error);
}

void Connection::cancel() {
  ErrorCodeAsio ignored;
  socket_.cancel(ignored);
}

void Connection::close() {
  ErrorCodeAsio ignored;
  if (channel_ && socket_.is_open()) channel_->end_sending();
  socket_.close(ignored);
}

Connection move_connection(Connection connection, Shard& there) {
  Socket& socket = connection.socket_;
  ErrorCodeAsio error;
  const auto local = socket.local_endpoint(error);
  const auto protocol = error ? boost::asio::ip::tcp::v4() : local.protocol();
  const auto handle = socket.release(error);
  Socket moved(there.executor());
  if (!error) moved.assign(protocol, handle, error);
  moved.non_blocking(true, error);
  return Connection(std::move(moved), std::move(connection.channel_));
}

}  // namespace runtime
