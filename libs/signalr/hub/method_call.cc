#include "signalr/hub/method_call.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "signalr/hub/hub_connection.h"

namespace signalr {

namespace {

constexpr std::size_t kUnreadBytesMax = std::size_t{256}
                                        << 10;  // of all bytes that wait for the client; beyond it streams wait
constexpr auto kRoomPause = std::chrono::milliseconds(5);

}  // namespace

MethodCall::MethodCall(Context context, std::shared_ptr<CallPermit> permit, Request request)
    : context_(std::move(context)),
      permit_(std::move(permit)),
      request_(std::move(request)),
      cancelled_waiters_(context_.shard().executor()) {}

runtime::Awaitable<bool> MethodCall::emit(Value item) {
  HubConnection& client = context_.connection();
  if (cancelled_ || !client.is_open()) co_return false;
  has_emitted_ = true;
  const PreparedMessage message(StreamItem{.invocation_id = request_.invocation_id, .item = std::move(item)});
  bool sent = client.offer(message);
  if (sent && client.egress_bytes() <= kUnreadBytesMax) co_return true;

  const runtime::Executor executor = context_.shard().executor();
  co_await boost::asio::post(executor,
                             runtime::use_awaitable);  // the bytes may only wait for this shard to write them
  runtime::Timer pause(executor);
  while (!cancelled_ && client.is_open()) {
    if (!sent) sent = client.offer(message);
    if (sent && client.egress_bytes() <= kUnreadBytesMax) co_return true;
    pause.expires_after(kRoomPause);
    co_await pause.async_wait(runtime::tuple_awaitable);
  }
  co_return false;
}

void MethodCall::cancel() {
  cancelled_ = true;
  cancelled_waiters_.wake_all();
}

runtime::Awaitable<void> MethodCall::cancelled() {
  while (!cancelled_) co_await cancelled_waiters_.wait();
}

void MethodCall::end() {
  cancel();
  for (const auto& upload : request_.uploads) upload->drop();
  permit_->give_back();
}

}  // namespace signalr
