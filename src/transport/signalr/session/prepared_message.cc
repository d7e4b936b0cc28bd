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

SharedBytes prepare(const HubProtocol& protocol, Transport transport, const HubMessage& message) {
  return framed(transport, protocol.is_binary() ? Format::binary : Format::text, protocol.write(message));
}

SharedBytes deflated_or_plain(const HubProtocol& protocol, const SharedBytes& bytes) {
  SharedBytes shorter = deflated(protocol.is_binary() ? Format::binary : Format::text, *bytes);
  return shorter ? shorter : bytes;
}

const SharedBytes& PreparedMessage::bytes_for(const HubProtocol& protocol, Transport transport) const {
  Form& form = forms_[static_cast<std::size_t>(transport) * kProtocols + (protocol.is_binary() ? 1 : 0)];
  std::call_once(form.once, [&] { form.bytes = prepare(protocol, transport, message_); });
  return form.bytes;
}

const SharedBytes& PreparedMessage::deflated_for(const HubProtocol& protocol) const {
  const SharedBytes& plain = bytes_for(protocol, Transport::websockets);
  Form& form = deflated_forms_[protocol.is_binary() ? 1 : 0];
  std::call_once(form.once, [&] { form.bytes = deflated_or_plain(protocol, plain); });
  return form.bytes;
}

}  // namespace message_service::signalr
