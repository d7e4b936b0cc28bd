// Compresses messages (RFC 7692, section 7.2.1), each by itself. Any thread: each has one compressor for a size of the
// window, made when it is first needed, which serves every connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "websocket/codec/deflate_agreement.h"
#include "websocket/codec/frame.h"

namespace websocket {

// A message as its frame carries it, for clients that can look back that far; longer than before where there is nothing
// to save. At most 1 GiB.
std::string deflated(std::string_view message, int window_bits = DeflateAgreement::kWindowBitsMax);

// A whole unmasked frame with the message compressed. Nothing when that would not be shorter.
std::optional<std::string> deflated_frame(Opcode opcode, std::string_view message);

}  // namespace websocket
