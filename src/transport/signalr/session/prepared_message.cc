#include "transport/signalr/session/prepared_message.h"

#include <array>

#include "transport/signalr/codec/json_protocol.h"

namespace message_service::signalr {

namespace {

const JsonProtocol kJsonProtocol;
constexpr std::array<const HubProtocol*, 1> kProtocols{&kJsonProtocol};

}  // namespace

std::span<const HubProtocol* const> supported_protocols() { return kProtocols; }

websocket::SharedFrames prepare(const HubProtocol& protocol, const HubMessage& message) {
  const auto opcode = protocol.is_binary() ? websocket::Opcode::binary : websocket::Opcode::text;
  return std::make_shared<const std::string>(websocket::frame(opcode, protocol.write(message)));
}

PreparedMessage::PreparedMessage(const HubMessage& message) : json_(prepare(kJsonProtocol, message)) {}

const websocket::SharedFrames& PreparedMessage::frames_for(const HubProtocol& /*json, the only one*/) const {
  return json_;
}

}  // namespace message_service::signalr
