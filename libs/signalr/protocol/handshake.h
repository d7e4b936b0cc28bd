// The first exchange on every hub connection; always JSON, ended by 0x1E. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "signalr/protocol/protocol.h"

namespace signalr {

struct HandshakeRequest {
  std::string protocol;
  int version;
};

constexpr std::string_view kHandshakeCanceled = "Handshake was canceled.";  // the client took too long
constexpr std::string_view kHandshakeFailed = "An unexpected error occurred during connection handshake.";

// Takes the client's handshake off the front of `input` and leaves the bytes after it. Nothing: more bytes are needed.
// The error's text is a detail, to be shown after kHandshakeFailed where details are allowed.
base::Result<std::optional<HandshakeRequest>> parse_handshake(
    std::string_view& input, std::size_t bytes_max = ProtocolLimits().message_bytes_max);

// The protocol that the client asks for. The error's text is for the client as it is.
base::Result<const HubProtocol*> choose_protocol(const HandshakeRequest& request,
                                                 std::span<const HubProtocol* const> supported,
                                                 bool transport_is_binary);

// Both with their 0x1E.
std::string handshake_success();
std::string handshake_failure(std::string_view error);

}  // namespace signalr
