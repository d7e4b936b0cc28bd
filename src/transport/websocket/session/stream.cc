#include "transport/websocket/session/stream.h"

#include <array>
#include <utility>

namespace message_service::websocket {

namespace {

// Where all streams of a thread read; used between two suspensions only.
std::array<char, 64 * 1024>& scratch() {
  thread_local std::array<char, 64 * 1024> buffer;
  return buffer;
}

}  // namespace

Stream::Stream(Shard& shard, Socket socket, std::string leftover, const StreamOptions& options)
    : SocketWriter(shard, std::move(socket), options.writer),
      close_timeout_(options.close_timeout),
      parser_(Role::server, options.message_bytes_max),
      leftover_(std::move(leftover)) {}

Awaitable<bool> Stream::read(const OnData& on_data) {
  const auto self = shared_from_this();
  if (!leftover_.empty()) {
    std::string input;
    input.swap(leftover_);
    co_return handle_input(input, on_data);
  }
  while (socket_.is_open()) {
    const auto [waited] = co_await socket_.async_wait(Socket::wait_read, tuple_awaitable);
    if (waited || !socket_.is_open()) break;
    ErrorCodeAsio error;
    const std::size_t count = socket_.read_some(asio::buffer(scratch()), error);
    if (error == asio::error::would_block) continue;
    if (error) break;
    if (broken_) continue;
    co_return handle_input({scratch().data(), count}, on_data);
  }
  abort();
  co_return false;
}

bool Stream::handle_input(std::span<char> input, const OnData& on_data) {
  while (true) {
    const Event event = parser_.next(input);
    if (std::holds_alternative<NeedMore>(event)) return true;
    if (!handle(event, on_data)) return false;
  }
}

bool Stream::handle(const Event& event, const OnData& on_data) {
  if (const auto* data = std::get_if<Data>(&event)) {
    if (!last_sent()) on_data(*data);
    return true;
  }
  if (const auto* ping = std::get_if<Ping>(&event)) {
    return last_sent() || send(std::make_shared<const std::string>(frame(Opcode::pong, ping->payload)));
  }
  if (std::holds_alternative<Pong>(event)) return true;
  if (const auto* error = std::get_if<ParseError>(&event)) {
    close(error->close_code, error->text);
    broken_ = true;
  } else {
    close_received_ = true;
    if (!last_sent()) close(std::get<Close>(event).code, {});
  }
  on_written();
  return false;
}

void Stream::close(std::uint16_t code, std::string_view reason) {
  if (last_sent() || !is_open()) return;
  close_sent_at_ = shard_.now();
  send_last(std::make_shared<const std::string>(close_frame(code, reason)));
}

void Stream::check_deadlines(SteadyTime now) {
  const bool unanswered = last_sent() && now - close_sent_at_ > close_timeout_;
  if (is_stuck(now) || unanswered) abort();
}

// Both Close frames have gone their way: a server ends the TCP connection first (RFC 6455, section 7.1.1). A peer that
// broke the protocol may be sending still; to close then would reset the connection, and take our Close with it.
void Stream::on_written() {
  if (!last_sent() || egress_bytes() != 0) return;
  if (close_received_) return abort();
  ErrorCodeAsio ignored;
  if (broken_) socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace message_service::websocket
