// Whether messages may be compressed, as the opening handshake agrees on it (permessage-deflate, RFC 7692). Pure.
//
// No context is kept from one message to the next, in either direction: a connection that is idle holds no window and
// no compressor, one compressor of a thread serves all, and a compressed frame is the same for everyone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace websocket {

struct DeflateAgreement {
  static constexpr int kWindowBitsMax = 15;

  // How far back the client can look when it inflates; it says so where that is less than the most there is.
  std::optional<int> server_max_window_bits{};

  int window_bits() const { return server_max_window_bits.value_or(kWindowBitsMax); }

  // The longest message that may be compressed without regard to the window: one that fits into it cannot point beyond.
  std::size_t message_bytes_max() const;

  // The value of Sec-WebSocket-Extensions in the answer.
  std::string answer() const;

  bool operator==(const DeflateAgreement&) const = default;
};

// The first acceptable offer in the client's Sec-WebSocket-Extensions, of which there may be several. An offer with an
// unknown parameter, or one that stands there twice, or has a value that it must not have, is declined. Nothing is
// agreed on where the header breaks its own grammar.
std::optional<DeflateAgreement> agree_on_deflate(std::span<const std::string_view> sec_websocket_extensions);

}  // namespace websocket
