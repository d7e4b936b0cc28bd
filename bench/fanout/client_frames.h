// The bytes that a client of the hub sends: the upgrade, the handshake, the join, control frames. Pure functions; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace message_service::bench {

enum class HubProtocolKind : std::uint8_t { json, messagepack };

enum class FrameKind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Opens a WebSocket on the hub without a negotiation. `group` names the client's group to a bare server; the hub
// ignores it. The compression offer is the one that browsers make. `token`: empty without sign-in.
std::string upgrade_request(std::string_view authority, std::uint32_t group, bool offer_compression,
                            std::string_view token);

// Masked, as a client's frames must be, with a key of zeros, so that the payload stays unchanged. Up to 64 KiB.
std::string client_frame(FrameKind kind, std::string_view payload);

std::string handshake_frame(HubProtocolKind protocol);

// Calls JoinConversation; the answer carries lastSequence. The id has at most 31 bytes.
std::string join_frame(HubProtocolKind protocol, std::string_view conversation);

}  // namespace message_service::bench
