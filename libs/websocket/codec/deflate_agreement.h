// The opening handshake's agreement on compressed messages (permessage-deflate, RFC 7692). Pure.
//
// Neither direction keeps a context from one message to the next. An idle connection therefore holds no window and no
// compressor, one compressor for each thread serves all connections, and a compressed frame is the same for every
// client.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace websocket {

struct DeflateAgreement {
  static constexpr int kWindowBitsMax = 15;

  // How far back the client can look when it inflates; the client states it when it is below the maximum.
  std::optional<int> server_max_window_bits{};

  int window_bits() const { return server_max_window_bits.value_or(kWindowBitsMax); }

  // The longest message that may be compressed regardless of the window: a message that fits into the window cannot
  // refer to bytes beyond it.
  std::size_t message_bytes_max() const;

  // The value of Sec-WebSocket-Extensions in the answer.
  std::string answer() const;

  bool operator==(const DeflateAgreement&) const = default;
};

// Returns the first acceptable offer in the client's Sec-WebSocket-Extensions headers, of which there may be several.
// Declines an offer with an unknown parameter, a repeated parameter or a forbidden value. Returns nothing when a header
// breaks its own grammar.
std::optional<DeflateAgreement> agree_on_deflate(std::span<const std::string_view> sec_websocket_extensions);

}  // namespace websocket
