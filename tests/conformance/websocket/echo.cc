// A server that sends every WebSocket message back as it came, text as text and binary as binary, on the HTTP server
// and the stream that the hub stands on. To clients that offer it, compressed, however short. For test suites of the
// WebSocket protocol, which want such a peer.
//
// It takes a free port and prints one line, `Now listening on: http://127.0.0.1:PORT`; the path is /.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <utility>

#include "signalr/connection/upgrade.h"
#include "signalr/host/host.h"
#include "websocket/codec/deflater.h"
#include "websocket/stream/stream.h"

namespace message_service::conformance {

namespace {

constexpr std::uint64_t kMessageBytesMax = std::uint64_t{64} << 20;

// Beyond this the peer is read no further until it has taken some: what one read brings goes on top of it.
constexpr std::size_t kWaitingBytesMax = std::size_t{1} << 20;

constexpr auto kPause = std::chrono::milliseconds(1);
constexpr auto kWatchInterval = std::chrono::milliseconds(500);

class Echo {
 public:
  Echo(runtime::Shard& shard, http::Upgraded upgraded, const std::optional<websocket::DeflateAgreement>& deflate)
      : shard_(shard),
        deflate_(deflate),
        stream_(std::make_shared<websocket::Stream>(
            shard, std::move(upgraded.connection), std::move(upgraded.leftover),
            websocket::StreamOptions{
                .message_bytes_max = kMessageBytesMax,
                .inflated_bytes_max = deflate ? std::optional<std::uint64_t>(kMessageBytesMax) : std::nullopt,
                .writer = {.egress_bytes_max = kWaitingBytesMax + 2 * kMessageBytesMax}})) {}

  runtime::Awaitable<void> run() {
    boost::asio::co_spawn(shard_.executor(), watch(shard_, stream_), boost::asio::detached);
    const websocket::Stream::OnData take = [this](const websocket::Data& data) { this->take(data); };
    bool open = true;
    while (open) {
      co_await wait_while_more_waits_than(kWaitingBytesMax);
      open = co_await stream_->read(take);
    }
    while (stream_->is_open()) co_await stream_->read(take);
  }

 private:
  void take(const websocket::Data& data) {
    message_.append(data.bytes);
    if (!data.message_end) return;
    if (deflate_) message_ = websocket::deflated(message_, deflate_->window_bits());
    std::string header(websocket::frame_header(data.opcode, message_.size()).view());
    if (deflate_) websocket::mark_deflated(header);
    stream_->send(std::make_shared<const std::string>(std::move(header)));
    stream_->send(std::make_shared<const std::string>(std::exchange(message_, {})));
  }

  // A peer that takes nothing is cut off by watch().
  runtime::Awaitable<void> wait_while_more_waits_than(std::size_t bytes) {
    runtime::Timer timer(shard_.executor());
    while (stream_->is_open() && stream_->egress_bytes() > bytes) {
      timer.expires_after(kPause);
      co_await timer.async_wait(runtime::tuple_awaitable);
    }
  }

  static runtime::Awaitable<void> watch(runtime::Shard& shard, std::shared_ptr<websocket::Stream> stream) {
    runtime::Timer timer(shard.executor());
    while (stream->is_open()) {
      stream->check_deadlines(shard.now());
      timer.expires_after(kWatchInterval);
      co_await timer.async_wait(runtime::tuple_awaitable);
    }
  }

  runtime::Shard& shard_;
  const std::optional<websocket::DeflateAgreement> deflate_;
  std::shared_ptr<websocket::Stream> stream_;
  std::string message_;  // what has come of it
};

runtime::Awaitable<void> echo(runtime::Shard& shard, http::Upgraded upgraded,
                              std::optional<websocket::DeflateAgreement> deflate) {
  Echo echo(shard, std::move(upgraded), deflate);
  co_await echo.run();
}

runtime::Awaitable<http::Response> open(http::Exchange& exchange) {
  if (auto refusal = signalr::refuse_upgrade(exchange.request)) co_return std::move(*refusal);
  runtime::Shard& shard = exchange.shard;
  const auto deflate = signalr::agree_on_deflate(exchange.request);
  co_return signalr::accept_upgrade(exchange.request, deflate, [&shard, deflate](http::Upgraded upgraded) {
    return echo(shard, std::move(upgraded), deflate);
  });
}

}  // namespace

}  // namespace message_service::conformance

int main() {
  signalr::Host host;
  host.router().add("GET", "/", message_service::conformance::open);
  return host.run();
}
