#include "signalr/connection/shard_calls.h"

#include <utility>

namespace signalr {

runtime::Awaitable<bool> can_resume(std::shared_ptr<TransportConnection> transport) {
  co_return transport->can_resume();
}

runtime::Awaitable<bool> receive(std::shared_ptr<TransportConnection> transport, std::string bytes,
                                 TransportConnection::Room room, std::optional<Renewal> renewal) {
  if (renewal) co_await renew_if_newer(transport, std::move(*renewal));
  co_return transport->receive(std::move(bytes), std::move(room));
}

runtime::Awaitable<bool> terminate(std::shared_ptr<LongPollingConnection> transport) {
  transport->terminate();
  co_return true;
}

runtime::Awaitable<bool> take_over(std::shared_ptr<TransportConnection> transport, Renewal renewal) {
  co_await renew(std::move(transport), std::move(renewal));
  co_return true;
}

runtime::Awaitable<http::Response> wait_for_poll(std::shared_ptr<LongPollingConnection> transport,
                                                 std::shared_ptr<LongPollingConnection::Poll> poll,
                                                 std::optional<Renewal> renewal) {
  if (renewal) co_await renew_if_newer(transport, std::move(*renewal));
  co_return co_await transport->poll(std::move(poll));
}

}  // namespace signalr
