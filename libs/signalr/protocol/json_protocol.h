// The "json" protocol: one JSON object a message, each ended by 0x1E.
#pragma once

#include "signalr/protocol/protocol.h"

namespace signalr {

class JsonProtocol final : public HubProtocol {
 public:
  std::string_view name() const override { return "json"; }
  int version_max() const override { return 2; }
  bool is_binary() const override { return false; }
  base::Result<std::optional<HubMessage>> parse(std::string_view& input, const ProtocolLimits& limits) const override;
  std::string write(const HubMessage& message) const override;
};

}  // namespace signalr
