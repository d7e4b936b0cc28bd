// The "messagepack" protocol: one MessagePack array a message, each behind its length as a VarInt.
#pragma once

#include "transport/signalr/codec/msgpack_value.h"
#include "transport/signalr/codec/protocol.h"

namespace message_service::signalr {

class MessagePackProtocol final : public HubProtocol {
 public:
  explicit MessagePackProtocol(PropertyNames names = PropertyNames::as_declared) : names_(names) {}

  std::string_view name() const override { return "messagepack"; }
  int version_max() const override { return 2; }
  bool is_binary() const override { return true; }
  Result<std::optional<HubMessage>> parse(std::string_view& input, const ProtocolLimits& limits) const override;
  std::string write(const HubMessage& message) const override;

 private:
  const PropertyNames names_;
};

}  // namespace message_service::signalr
