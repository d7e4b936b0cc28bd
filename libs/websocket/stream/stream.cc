#include "websocket/stream/stream.h"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

namespace websocket {

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kPongsWaitingMax = 64;

// All streams of a thread read into this buffer; used between two suspensions only.
std::array<char, kReadBytes>& read_buffer() {
  thread_local std::array<char, kReadBytes> buffer;
  return buffer;
}

}  // namespace

Stream::Stream(runtime::Shard& shard, runtime::Connection connection, std::string leftover,
               const StreamOptions& options)
    : runtime::SocketWriter(shard, std::move(connection), options.writer),
      close_timeout_(options.close_timeout),
      parser_(Role::server, options.message_bytes_max, options.inflated_bytes_max),
      leftover_(std::move(leftover)) {}

runtime::Awaitable<bool> Stream::read(const OnData& on_data) {
  const auto self = shared_from_this();
  if (cut_short_) {
    co_await boost::asio::post(shard_.executor(), runtime::use_awaitable);  // other work of the shard has its turn
    if (!is_open()) co_return false;
  }
  if (!leftover_.empty() || cut_short_) {
    std::string input;
    input.swap(leftover_);
    co_return handle_input(input, on_data);
  }
  while (is_open()) {
    const auto [waited] = co_await connection_.async_wait_readable(runtime::tuple_awaitable);
    if (waited || !is_open()) break;
    runtime::ErrorCodeAsio error;
    const std::size_t count = connection_.read_some(boost::asio::buffer(read_buffer()), error);
    if (error == boost::asio::error::would_block) continue;
    if (error) break;
    if (broken_) continue;
    co_return handle_input({read_buffer().data(), count}, on_data);
  }
  abort();
  co_return false;
}

// A few bytes of compressed input may inflate to a thousand times as many. One call therefore passes on no more data
// than an uncompressed input could hold.
bool Stream::handle_input(std::span<char> input, const OnData& on_data) {
  std::size_t bytes = 0;
  cut_short_ = false;
  while (true) {
    const Event event = parser_.next(input);
    if (std::holds_alternative<NeedMore>(event)) return true;
    if (!handle(event, on_data)) return false;
    if (const auto* data = std::get_if<Data>(&event)) bytes += data->bytes.size();
    if (bytes < kReadBytes || (input.empty() && !parser_.has_more())) continue;
    cut_short_ = true;
    leftover_.assign(input.begin(), input.end());
    return true;
  }
}

bool Stream::handle(const Event& event, const OnData& on_data) {
  if (const auto* data = std::get_if<Data>(&event)) {
    if (!last_sent()) on_data(*data);
    return true;
  }
  if (const auto* ping = std::get_if<Ping>(&event)) {
    answer(*ping);
    return true;
  }
  if (std::holds_alternative<Pong>(event)) return true;
  if (const auto* error = std::get_if<ParseError>(&event)) {
    close(error->close_code, error->text);
    broken_ = true;
  } else {
    close_received_ = true;
    // A peer that gives no code gets `normal`, as from ASP.NET: a page takes an empty answer, 1005, for a failure.
    const std::uint16_t code = std::get<Close>(event).code;
    if (!last_sent()) close(code == close_code::no_status ? close_code::normal : code, {});
  }
  on_written();
  return false;
}

// When a peer does not read, only its latest ping needs an answer (RFC 6455, section 5.5.3).
void Stream::answer(const Ping& ping) {
  const bool answered =
      pongs_waiting_ < kPongsWaitingMax && send(std::make_shared<const std::string>(frame(Opcode::pong, ping.payload)));
  if (answered) {
    ++pongs_waiting_;
  } else {
    latest_ping_ = ping.payload;
  }
}

void Stream::close(std::uint16_t code, std::string_view reason) {
  if (last_sent() || !is_open()) return;
  close_sent_at_ = shard_.now();
  send_last(std::make_shared<const std::string>(close_frame(code, reason)));
}

bool Stream::check_deadlines(base::SteadyTime now) {
  const bool stuck = is_stuck(now);
  const bool unanswered = last_sent() && now - close_sent_at_ > close_timeout_;
  if (stuck || unanswered) abort();
  return stuck;
}

// After both Close frames the server ends the TCP connection first (RFC 6455, section 7.1.1). A peer that broke the
// protocol may still be sending; closing then would reset the connection and lose our Close.
void Stream::on_written() {
  if (egress_bytes() != 0) return;
  pongs_waiting_ = 0;
  if (const auto ping = std::exchange(latest_ping_, {})) answer({*ping});
  if (!last_sent()) return;
  if (close_received_) return abort();
  if (broken_) end_sending();
}

}  // namespace websocket
