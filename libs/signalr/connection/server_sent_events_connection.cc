#include "signalr/connection/server_sent_events_connection.h"

#include <array>
#include <utility>

#include "runtime/await_callback.h"

namespace signalr {

EventStream::EventStream(runtime::Shard& shard, runtime::Connection connection, const TransportOptions& options)
    : runtime::SocketWriter(shard, std::move(connection),
                            {.egress_bytes_max = options.egress_bytes_max, .send_timeout = options.send_timeout}),
      close_timeout_(options.close_timeout) {}

void EventStream::watch(std::function<void()> ended) {
  ended_ = std::move(ended);
  await_end();
}

void EventStream::await_end() {
  connection_.async_wait_readable([this, self = shared_from_this()](const runtime::ErrorCodeAsio& failed) {
    std::array<char, 512> ignored;
    runtime::ErrorCodeAsio error = failed;
    if (!error) connection_.read_some(boost::asio::buffer(ignored), error);
    if (!error || error == boost::asio::error::would_block) return await_end();
    abort();
    if (const auto ended = std::exchange(ended_, {})) ended();
  });
}

void EventStream::close() {
  if (closing_) return;
  closing_ = true;
  closed_at_ = shard_.now();
  if (egress_bytes() == 0) on_written();
}

// Then the client closes its side, or the close timeout passes.
void EventStream::on_written() {
  if (!closing_ || shut_down_ || !is_open()) return;
  shut_down_ = true;
  end_sending();
}

bool EventStream::check_deadlines(base::SteadyTime now) {
  const bool stuck = is_stuck(now);
  const bool unanswered = shut_down_ && now - closed_at_ > close_timeout_;
  if (stuck || unanswered) abort();
  return stuck;
}

ServerSentEventsConnection::ServerSentEventsConnection(runtime::Shard& shard, std::string id, OpeningRequest opening,
                                                       const TransportOptions& options)
    : TransportConnection(shard, std::move(id), std::move(opening)), options_(options), inbox_(shard) {}

// The first bytes leave at once: clients and proxies hold the answer back until they have a byte of the body. Nothing
// on the way may store, compress or buffer the answer.
http::Response ServerSentEventsConnection::opening_response(http::Response::Upgrade upgrade) {
  return {.content_type = "text/event-stream",
          .body = ":\r\n",
          .headers = {{"Cache-Control", "no-cache,no-store"},
                      {"Pragma", "no-cache"},
                      {"Content-Encoding", "identity"},
                      {"X-Accel-Buffering", "no"}},
          .upgrade = std::move(upgrade)};
}

void ServerSentEventsConnection::attach(http::Upgraded upgraded) {
  stream_ = std::make_shared<EventStream>(shard(), std::move(upgraded.connection), options_);
  stream_->watch([weak = weak_from_this()] {
    if (const auto self = weak.lock()) static_cast<ServerSentEventsConnection&>(*self).end();
  });
}

runtime::Awaitable<TransportConnection::Arrival> ServerSentEventsConnection::read(std::string& input) {
  const bool more = co_await inbox_.take(input);
  co_return more ? Arrival::data : Arrival::ended;
}

void ServerSentEventsConnection::close(bool) {
  if (closing_) return;
  closing_ = true;
  inbox_.close();
  stream_->close();
}

void ServerSentEventsConnection::abort() {
  if (stream_) stream_->abort();
  end();
}

void ServerSentEventsConnection::end() {
  ended_ = true;
  inbox_.close();
  if (const auto finished = std::exchange(finished_, {})) finished(true);
}

runtime::Awaitable<void> ServerSentEventsConnection::finish() {
  if (ended_) co_return;
  co_await runtime::await_callback<bool>(shard(), [this](auto done) { finished_ = std::move(done); });
}

void ServerSentEventsConnection::tick(base::SteadyTime now) {
  if (stream_ && stream_->check_deadlines(now) && user() != nullptr) user()->cut_off();
}

void ServerSentEventsConnection::discard() {
  inbox_.discard();
  const auto finished = std::exchange(finished_, {});
}

}  // namespace signalr
