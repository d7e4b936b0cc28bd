// A message for many clients: serialised and framed once for each protocol and transport, then shared; compressed once
// for each protocol, if any client wants compression. Immutable; any thread.
#pragma once

#include <array>
#include <mutex>
#include <span>
#include <utility>

#include "signalr/connection/framing.h"
#include "signalr/protocol/message.h"
#include "signalr/protocol/msgpack_value.h"
#include "signalr/protocol/protocol.h"

namespace signalr {

// The message as one protocol's bytes, ready for one transport.
runtime::SharedBytes prepare(const HubProtocol& protocol, Transport transport, const HubMessage& message);

// The shorter of two forms for a WebSocket: `bytes` from prepare(), and the same with the message compressed.
runtime::SharedBytes deflated_or_plain(const HubProtocol& protocol, const runtime::SharedBytes& bytes);

// The protocols that every hub speaks.
std::span<const HubProtocol* const> supported_protocols();

// The protocol itself, or its variant that writes names in this way: MessagePack has variants.
const HubProtocol& with_names(const HubProtocol& protocol, PropertyNames names);

class PreparedMessage {
 public:
  explicit PreparedMessage(HubMessage message) : message_(std::move(message)) {}

  const HubMessage& message() const { return message_; }

  // Made at the first call.
  const runtime::SharedBytes& bytes_for(const HubProtocol& protocol, Transport transport) const;

  // The same for WebSockets that want compression: compressed, if that is shorter.
  const runtime::SharedBytes& deflated_for(const HubProtocol& protocol) const;

 private:
  static constexpr std::size_t kTransports = 3;
  static constexpr std::size_t kProtocols = 4;  // with their variants

  struct Form {
    std::once_flag once;
    runtime::SharedBytes bytes;
  };
  HubMessage message_;
  mutable std::array<Form, kTransports * kProtocols> forms_;
  mutable std::array<Form, kProtocols> deflated_forms_;
};

}  // namespace signalr
