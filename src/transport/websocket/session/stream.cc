#include "transport/websocket/session/stream.h"

#include <array>
#include <boost/asio/post.hpp>

namespace message_service::websocket {

namespace {

constexpr std::size_t kBuffersMax = 64;  // in one system call

// Where all streams of a thread read; used between two suspensions only.
std::array<char, 64 * 1024>& scratch() {
  thread_local std::array<char, 64 * 1024> buffer;
  return buffer;
}

}  // namespace

Stream::Stream(Shard& shard, Socket socket, std::string leftover, const StreamOptions& options)
    : shard_(shard),
      socket_(std::move(socket)),
      options_(options),
      parser_(Role::server, options.message_bytes_max),
      leftover_(std::move(leftover)),
      progress_at_(shard.now()) {}

Stream::~Stream() = default;

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
    if (!close_sent_) on_data(*data);
    return true;
  }
  if (const auto* ping = std::get_if<Ping>(&event)) {
    return close_sent_ || send(std::make_shared<const std::string>(frame(Opcode::pong, ping->payload)));
  }
  if (std::holds_alternative<Pong>(event)) return true;
  if (const auto* error = std::get_if<ParseError>(&event)) {
    close(error->close_code, error->text);
    close_received_ = true;  // nothing that follows can be understood, so there is no answer to wait for
  } else {
    close_received_ = true;
    if (!close_sent_) close(std::get<Close>(event).code, {});
  }
  finish_if_closed();
  return false;
}

bool Stream::send(SharedFrames frames) {
  if (!socket_.is_open() || close_sent_) return true;  // the reader is being told that it is over
  if (!egress_.empty() && egress_bytes_ + frames->size() > options_.egress_bytes_max) return false;
  if (egress_.empty()) progress_at_ = shard_.now();
  egress_bytes_ += frames->size();
  egress_.push_back(std::move(frames));
  schedule_flush();
  return true;
}

void Stream::drop_egress() {
  while (egress_.size() > 1 || (egress_.size() == 1 && front_written_ == 0)) {
    egress_bytes_ -= egress_.back()->size();
    egress_.pop_back();
  }
}

void Stream::close(std::uint16_t code, std::string_view reason) {
  if (close_sent_ || !socket_.is_open()) return;
  close_sent_ = true;
  close_sent_at_ = shard_.now();
  auto bytes = std::make_shared<const std::string>(close_frame(code, reason));
  egress_bytes_ += bytes->size();
  egress_.push_back(std::move(bytes));
  schedule_flush();
}

void Stream::abort() {
  ErrorCodeAsio ignored;
  socket_.close(ignored);
  egress_.clear();
  egress_bytes_ = 0;
  front_written_ = 0;
}

void Stream::check_deadlines(SteadyTime now) {
  const bool stuck = !egress_.empty() && now - progress_at_ > options_.send_timeout;
  const bool unanswered = close_sent_ && now - close_sent_at_ > options_.close_timeout;
  if (stuck || unanswered) abort();
}

// Everything sent while the shard does one piece of work goes out in one system call.
void Stream::schedule_flush() {
  if (flush_scheduled_ || waiting_to_write_) return;
  flush_scheduled_ = true;
  asio::post(shard_.executor(), [self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush();
  });
}

void Stream::flush() {
  while (!egress_.empty() && socket_.is_open() && !waiting_to_write_) {
    std::array<asio::const_buffer, kBuffersMax> buffers;
    const std::size_t count = std::min(egress_.size(), kBuffersMax);
    for (std::size_t i = 0; i < count; ++i) buffers[i] = asio::buffer(*egress_[i]);
    buffers[0] += front_written_;

    ErrorCodeAsio error;
    std::size_t written = socket_.write_some(std::span(buffers.data(), count), error);
    if (error == asio::error::would_block) {
      waiting_to_write_ = true;
      socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const ErrorCodeAsio& failed) {
        self->waiting_to_write_ = false;
        if (!failed) self->flush();
      });
      return;
    }
    if (error) return abort();
    progress_at_ = shard_.now();
    egress_bytes_ -= written;
    written += front_written_;
    while (!egress_.empty() && written >= egress_.front()->size()) {
      written -= egress_.front()->size();
      egress_.pop_front();
    }
    front_written_ = written;
  }
  finish_if_closed();
}

// Both Close frames have gone their way: a server ends the TCP connection first (RFC 6455, section 7.1.1).
void Stream::finish_if_closed() {
  if (close_sent_ && close_received_ && egress_.empty()) abort();
}

}  // namespace message_service::websocket
