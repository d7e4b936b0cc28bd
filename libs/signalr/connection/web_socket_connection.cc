#include "signalr/connection/web_socket_connection.h"

#include <utility>

#include "runtime/await_callback.h"

namespace signalr {

WebSocketConnection::WebSocketConnection(runtime::Shard& shard, std::string id, OpeningRequest opening,
                                         const TransportOptions& options, bool stateful)
    : TransportConnection(shard, std::move(id), std::move(opening)), options_(options), stateful_(stateful) {
  if (options_.whole_message_bytes_max != 0) messages_ = std::make_unique<WholeMessages>();
}

void WebSocketConnection::attach(http::Upgraded upgraded, const std::optional<websocket::DeflateAgreement>& deflate) {
  set_deflated_sizes(deflate ? options_.compression.bytes_min : 1, deflate ? deflate->message_bytes_max() : 0);
  const websocket::StreamOptions options{
      .message_bytes_max = messages_ ? options_.whole_message_bytes_max : websocket::FrameParser::kUnlimited,
      .inflated_bytes_max = deflate ? std::optional<std::uint64_t>(options_.post_bytes_max) : std::nullopt,
      .writer = {.egress_bytes_max = options_.egress_bytes_max, .send_timeout = options_.send_timeout},
      .close_timeout = options_.close_timeout};
  auto stream = std::make_shared<websocket::Stream>(shard(), std::move(upgraded.connection),
                                                    std::move(upgraded.leftover), options);
  const auto old = std::exchange(stream_, std::move(stream));
  if (!old) return;
  if (closing_ || ended_) return stream_->abort();  // the new socket arrived too late
  old->abort();
  if (messages_) *messages_ = {};
  resumed_ = true;
  wake();
  if (user() != nullptr) user()->resumed();
}

runtime::Awaitable<TransportConnection::Arrival> WebSocketConnection::read(std::string& input) {
  if (!early_.empty()) {
    input.append(std::exchange(early_, {}));
    co_return Arrival::data;
  }
  early_room_.reset();
  const std::size_t before = input.size();
  const websocket::Stream::OnData append = [this, &input](const websocket::Data& data) {
    messages_ ? messages_->add(data) : void(input.append(data.bytes));
  };
  while (!ended_) {
    if (std::exchange(resumed_, false)) co_return Arrival::resumed;
    if (messages_ && messages_->take(input)) co_return Arrival::data;
    const auto stream = stream_;
    const bool more = co_await stream->read(append);
    if (messages_ ? messages_->take(input) : more || input.size() > before) {
      co_return Arrival::data;  // bytes that arrived before the end still count
    }
    if (more) continue;
    if (stream != stream_) continue;
    if (can_resume() && !stream->peer_closed()) {
      co_await wait_for_socket();
    } else {
      ended_ = true;
    }
  }
  co_return Arrival::ended;
}

runtime::Awaitable<void> WebSocketConnection::wait_for_socket() {
  const auto wait = [this](auto done) { wake_ = std::move(done); };
  co_await runtime::await_callback<bool>(shard(), wait, options_.disconnect_timeout, [] { return false; });
  wake_ = {};
  if (!resumed_) ended_ = true;
}

void WebSocketConnection::wake() {
  if (const auto wake = std::exchange(wake_, {})) wake(true);
}

void WebSocketConnection::close(bool failed) {
  if (closing_) return;
  closing_ = true;
  stream_->close(failed ? websocket::close_code::internal_error : websocket::close_code::normal, {});
  wake();
}

void WebSocketConnection::abort() {
  ended_ = true;
  if (stream_) stream_->abort();
  wake();
}

// Reads until the peer's Close arrives; tick() bounds the wait.
runtime::Awaitable<void> WebSocketConnection::finish() {
  const websocket::Stream::OnData ignore = [](const websocket::Data&) {};
  while (stream_->is_open()) co_await stream_->read(ignore);
  ended_ = true;
}

void WebSocketConnection::tick(base::SteadyTime now) {
  if (stream_ && stream_->check_deadlines(now) && user() != nullptr) user()->cut_off();
}

void WebSocketConnection::discard() { const auto wake = std::exchange(wake_, {}); }

}  // namespace signalr
