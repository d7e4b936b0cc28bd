// A message for many clients: serialised and framed once for each protocol, then shared. Immutable; any thread.
#pragma once

#include "transport/signalr/codec/message.h"
#include "transport/signalr/codec/protocol.h"
#include "transport/websocket/session/stream.h"

namespace message_service::signalr {

// The message as one protocol's bytes in one WebSocket frame.
websocket::SharedFrames prepare(const HubProtocol& protocol, const HubMessage& message);

class PreparedMessage {
 public:
  explicit PreparedMessage(const HubMessage& message);
  const websocket::SharedFrames& frames_for(const HubProtocol& protocol) const;

 private:
  websocket::SharedFrames json_;
};

// The protocols that every hub speaks.
std::span<const HubProtocol* const> supported_protocols();

}  // namespace message_service::signalr
