#include "signalr/connection/long_polling_connection.h"

#include <algorithm>
#include <utility>

#include "runtime/await_callback.h"

namespace signalr {

namespace {

// How long to wait for the poll that a client may have on its way when it says goodbye.
constexpr std::chrono::seconds kGoodbye(1);

// A poll's answer says nothing about the next one's.
http::Response poll_response(unsigned status, std::string_view content_type, std::string body = {}) {
  return {.status = status,
          .content_type = content_type,
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-cache, no-store"},
                      {"Pragma", "no-cache"},
                      {"Expires", "Thu, 01 Jan 1970 00:00:00 GMT"}}};
}

}  // namespace

LongPollingConnection::LongPollingConnection(runtime::Shard& shard, std::string id, OpeningRequest opening,
                                             const TransportOptions& options)
    : TransportConnection(shard, std::move(id), std::move(opening)),
      options_(options),
      inbox_(shard),
      patience_(options.disconnect_timeout),
      seen_at_(shard.now()) {}

runtime::Awaitable<http::Response> LongPollingConnection::poll(std::shared_ptr<Poll> poll) {
  const auto self = shared_from_this();
  seen_at_ = shard().now();
  if (waiting_) give_up(*std::exchange(waiting_, nullptr));
  if (poll->given_up) co_return poll_response(204, {});
  if (!std::exchange(opened_, true)) co_return poll_response(200, "application/octet-stream");
  if (egress_.empty() && !closing_) {
    waiting_ = poll;
    const auto wait = [&poll](auto done) { poll->wake = std::move(done); };
    co_await runtime::await_callback<bool>(shard(), wait, options_.poll_timeout, [] { return false; });
    poll->wake = {};
    if (waiting_ == poll) waiting_ = nullptr;
    if (poll->given_up) co_return poll_response(204, {});
    seen_at_ = shard().now();
  }
  co_return answer();
}

http::Response LongPollingConnection::answer() {
  if (!egress_.empty()) return take_egress();
  return closing_ ? tell_end() : poll_response(200, "text/plain");
}

http::Response LongPollingConnection::take_egress() {
  std::string body;
  body.reserve(egress_bytes_);
  for (const runtime::SharedBytes& bytes : egress_) body.append(*bytes);
  drop_egress();
  return poll_response(200, "application/octet-stream", std::move(body));
}

http::Response LongPollingConnection::tell_end() {
  end_told_ = true;
  if (const auto finished = std::exchange(finished_, {})) finished(true);
  return poll_response(204, {});
}

void LongPollingConnection::give_up(Poll& poll) {
  poll.given_up = true;
  if (waiting_.get() == &poll) waiting_ = nullptr;
  if (const auto wake = std::exchange(poll.wake, {})) wake(true);
}

void LongPollingConnection::wake_poll() {
  if (!waiting_) return;
  if (const auto wake = std::exchange(waiting_->wake, {})) wake(true);
}

void LongPollingConnection::terminate() {
  if (std::exchange(terminated_, true)) return abort();
  drop_egress();
  close(false);
  seen_at_ = shard().now();
  patience_ = std::min<std::chrono::milliseconds>(kGoodbye, options_.disconnect_timeout);
}

void LongPollingConnection::abort() {
  drop_egress();
  close(false);
  tell_end();
}

runtime::Awaitable<TransportConnection::Arrival> LongPollingConnection::read(std::string& input) {
  const bool more = co_await inbox_.take(input);
  co_return more ? Arrival::data : Arrival::ended;
}

bool LongPollingConnection::send(runtime::SharedBytes bytes, bool bounded) {
  if (closing_) return true;
  if (bounded && !egress_.empty() && egress_bytes_ + bytes->size() > options_.egress_bytes_max) return false;
  egress_bytes_ += bytes->size();
  egress_.push_back(std::move(bytes));
  wake_poll();
  return true;
}

void LongPollingConnection::drop_egress() {
  egress_ = {};
  egress_bytes_ = 0;
}

void LongPollingConnection::close(bool) {
  if (closing_) return;
  closing_ = true;
  inbox_.close();
  wake_poll();
}

runtime::Awaitable<void> LongPollingConnection::finish() {
  if (end_told_) co_return;
  co_await runtime::await_callback<bool>(shard(), [this](auto done) { finished_ = std::move(done); });
}

void LongPollingConnection::tick(base::SteadyTime now) {
  if (!waiting_ && now - seen_at_ > patience_) abort();
}

void LongPollingConnection::discard() {
  const auto waiting = std::exchange(waiting_, nullptr);
  if (waiting) const auto wake = std::exchange(waiting->wake, {});
  inbox_.discard();
  const auto finished = std::exchange(finished_, {});
}

}  // namespace signalr
