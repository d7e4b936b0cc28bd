#include "signalr/connection/prepared_message.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "signalr/protocol/json_protocol.h"
#include "signalr/protocol/msgpack_protocol.h"

namespace signalr {

namespace {

const JsonProtocol kJson;
const MessagePackProtocol kMessagePack;
const MessagePackProtocol kMessagePackCamelCase(PropertyNames::camel_case);
const MessagePackProtocol kMessagePackPascalCase(PropertyNames::pascal_case);
constexpr std::array<const HubProtocol*, 4> kVariants{&kJson, &kMessagePack, &kMessagePackCamelCase,
                                                      &kMessagePackPascalCase};
constexpr std::size_t kSupported = 2;  // the first ones; the others are variants

std::size_t index_of(const HubProtocol& protocol) {
  const auto found = std::ranges::find(kVariants, &protocol);
  CHECK(found != kVariants.end());
  return static_cast<std::size_t>(found - kVariants.begin());
}

}  // namespace

std::span<const HubProtocol* const> supported_protocols() { return std::span(kVariants).first(kSupported); }

const HubProtocol& with_names(const HubProtocol& protocol, PropertyNames names) {
  if (!protocol.is_binary()) return protocol;
  switch (names) {
    case PropertyNames::camel_case:
      return kMessagePackCamelCase;
    case PropertyNames::pascal_case:
      return kMessagePackPascalCase;
    case PropertyNames::as_declared:
      break;
  }
  return kMessagePack;
}

runtime::SharedBytes prepare(const HubProtocol& protocol, Transport transport, const HubMessage& message) {
  return framed(transport, protocol.is_binary() ? Format::binary : Format::text, protocol.write(message));
}

runtime::SharedBytes deflated_or_plain(const HubProtocol& protocol, const runtime::SharedBytes& bytes) {
  runtime::SharedBytes shorter = deflated(protocol.is_binary() ? Format::binary : Format::text, *bytes);
  return shorter ? shorter : bytes;
}

const runtime::SharedBytes& PreparedMessage::bytes_for(const HubProtocol& protocol, Transport transport) const {
  Form& form = forms_[static_cast<std::size_t>(transport) * kProtocols + index_of(protocol)];
  std::call_once(form.once, [&] { form.bytes = prepare(protocol, transport, message_); });
  return form.bytes;
}

const runtime::SharedBytes& PreparedMessage::deflated_for(const HubProtocol& protocol) const {
  const runtime::SharedBytes& plain = bytes_for(protocol, Transport::websockets);
  Form& form = deflated_forms_[index_of(protocol)];
  std::call_once(form.once, [&] { form.bytes = deflated_or_plain(protocol, plain); });
  return form.bytes;
}

}  // namespace signalr
