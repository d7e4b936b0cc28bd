#include "service/hub_observer.h"

namespace message_service::service {

namespace {

HubTransport metrics_label(signalr::Transport transport) {
  switch (transport) {
    case signalr::Transport::websockets:
      return HubTransport::web_sockets;
    case signalr::Transport::server_sent_events:
      return HubTransport::server_sent_events;
    case signalr::Transport::long_polling:
      break;
  }
  return HubTransport::long_polling;
}

}  // namespace

signalr::ConnectionObserver hub_observer(Metrics& metrics) {
  const auto connections = [&metrics](signalr::Transport transport, const signalr::HubProtocol& protocol) {
    return metrics.hub_connections(metrics_label(transport),
                                   protocol.is_binary() ? HubProtocol::message_pack : HubProtocol::json);
  };
  return {
      .sent = [counter = metrics.hub_messages_sent](
                  std::size_t messages) { counter.increment(static_cast<double>(messages)); },
      .slow_client_closed = [counter = metrics.hub_slow_clients_closed] { counter.increment(); },
      .opened = [connections](auto transport, const auto& protocol) { connections(transport, protocol).increment(); },
      .closed = [connections](auto transport, const auto& protocol) { connections(transport, protocol).decrement(); }};
}

}  // namespace message_service::service
