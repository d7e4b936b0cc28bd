// Compresses messages (RFC 7692, section 7.2.1), each by itself. Any thread: each thread makes one compressor for a
// window size when it first needs one, and this compressor serves every connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "websocket/codec/deflate_agreement.h"
#include "websocket/codec/frame.h"

namespace websocket {

// Returns a message in the form that its frame carries, for clients that can look back that far. The result is longer
// than a message that compression cannot shorten. At most 1 GiB.
std::string deflated(std::string_view message, int window_bits = DeflateAgreement::kWindowBitsMax);

// Returns a whole unmasked frame with the compressed message, or nothing when compression does not shorten the message.
std::optional<std::string> deflated_frame(Opcode opcode, std::string_view message);

}  // namespace websocket
