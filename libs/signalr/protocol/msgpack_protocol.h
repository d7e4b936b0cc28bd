// The "messagepack" protocol: one MessagePack array a message, each after its length as a VarInt.
#pragma once

#include "signalr/protocol/msgpack_value.h"
#include "signalr/protocol/protocol.h"

namespace signalr {

class MessagePackProtocol final : public HubProtocol {
 public:
  explicit MessagePackProtocol(PropertyNames names = PropertyNames::as_declared) : names_(names) {}

  std::string_view name() const override { return "messagepack"; }
  int version_max() const override { return 2; }
  bool is_binary() const override { return true; }
  base::Result<std::optional<HubMessage>> parse(std::string_view& input, const ProtocolLimits& limits) const override;
  std::string write(const HubMessage& message) const override;

 private:
  const PropertyNames names_;
};

}  // namespace signalr
