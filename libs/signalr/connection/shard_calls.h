// What requests do with a connection on the connection's own shard: run these by runtime::on_shard().
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/codec/message.h"
#include "runtime/asio_types.h"
#include "signalr/connection/long_polling_connection.h"
#include "signalr/connection/renewal.h"
#include "signalr/connection/transport_connection.h"

namespace signalr {

runtime::Awaitable<bool> can_resume(std::shared_ptr<TransportConnection> transport);
runtime::Awaitable<bool> receive(std::shared_ptr<TransportConnection> transport, std::string bytes,
                                 TransportConnection::Room room, std::optional<Renewal> renewal);
runtime::Awaitable<bool> terminate(std::shared_ptr<LongPollingConnection> transport);
runtime::Awaitable<bool> take_over(std::shared_ptr<TransportConnection> transport, Renewal renewal);
runtime::Awaitable<http::Response> wait_for_poll(std::shared_ptr<LongPollingConnection> transport,
                                                 std::shared_ptr<LongPollingConnection::Poll> poll,
                                                 std::optional<Renewal> renewal);

}  // namespace signalr
