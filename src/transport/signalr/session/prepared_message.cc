#include "transport/signalr/session/prepared_message.h"

#include <array>

#include "transport/signalr/codec/json_protocol.h"
#include "transport/signalr/codec/msgpack_protocol.h"

namespace message_service::signalr {

namespace {

const JsonProtocol kJson;
const MessagePackProtocol kMessagePack;
constexpr std::array<const HubProtocol*, 2> kProtocols{&kJson, &kMessagePack};

}  // namespace

std::span<const HubProtocol* const> supported_protocols() { return kProtocols; }

websocket::SharedFrames prepare(const HubProtocol& protocol, const HubMessage& message) {
  const auto opcode = protocol.is_binary() ? websocket::Opcode::binary : websocket::Opcode::text;
  return std::make_shared<const std::string>(websocket::frame(opcode, protocol.write(message)));
}

const websocket::SharedFrames& PreparedMessage::frames_for(const HubProtocol& protocol) const {
  Form& form = protocol.is_binary() ? message_pack_ : json_;
  std::call_once(form.once, [&] { form.frames = prepare(protocol, message_); });
  return form.frames;
}

}  // namespace message_service::signalr
