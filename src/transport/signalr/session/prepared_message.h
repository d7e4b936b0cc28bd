// A message for many clients: serialised and framed once for each protocol, then shared. Immutable; any thread.
#pragma once

#include <mutex>
#include <span>
#include <utility>

#include "transport/signalr/codec/message.h"
#include "transport/signalr/codec/protocol.h"
#include "transport/websocket/session/stream.h"

namespace message_service::signalr {

// The message as one protocol's bytes in one WebSocket frame.
websocket::SharedFrames prepare(const HubProtocol& protocol, const HubMessage& message);

// The protocols that every hub speaks.
std::span<const HubProtocol* const> supported_protocols();

class PreparedMessage {
 public:
  explicit PreparedMessage(HubMessage message) : message_(std::move(message)) {}

  // Made when it is first asked for.
  const websocket::SharedFrames& frames_for(const HubProtocol& protocol) const;

 private:
  struct Form {
    std::once_flag once;
    websocket::SharedFrames frames;
  };
  HubMessage message_;
  mutable Form json_, message_pack_;
};

}  // namespace message_service::signalr
