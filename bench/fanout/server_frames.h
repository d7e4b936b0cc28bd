// Reads a server's frames to its hub clients as cheaply as possible: many thousand clients get the same bytes, so the
// reader parses each message once and recognizes it by comparison later. One thread; a result lives as long as the
// bytes that it views.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/fanout/client_frames.h"

namespace message_service::bench {

// Takes the head of an HTTP response, with its empty line, off the front; empty while the head is incomplete.
std::string_view take_head(std::string_view& input);

struct ServerFrame {
  FrameKind kind;
  bool compressed;
  std::string_view payload;
  std::string_view whole;
};

// Takes a frame off the front; nothing while the frame is incomplete. Servers do not mask frames, and these servers do
// not fragment messages.
std::optional<ServerFrame> take_frame(std::string_view& input);

// The number after a name in a hub message.
std::optional<std::uint64_t> number_after(HubProtocolKind protocol, std::string_view payload, std::string_view name);

// A payload in its uncompressed form; nothing when it is not compressed correctly.
std::optional<std::string> inflated(std::string_view payload);

// The content of a message of the bench begins with its number. The rest is pseudo-random text that depends on the
// number alone, and is about as compressible as people's own text.
std::string numbered_content(std::uint64_t number, std::size_t bytes);
inline constexpr std::size_t content_bytes_min = 20;

struct Delivery {
  std::uint64_t number;    // of the message, as posted
  std::uint64_t sequence;  // in its conversation, as stored
};

std::optional<Delivery> read_delivery(HubProtocolKind protocol, std::string_view payload);

class DeliveryReader {
 public:
  explicit DeliveryReader(HubProtocolKind protocol) : protocol_(protocol) {}

  struct Seen {
    Delivery delivery;
    bool for_the_first_time;
  };
  // Returns nothing when the payload is no message of the bench.
  std::optional<Seen> read(std::string_view payload, bool compressed);

 private:
  struct Known {
    std::string payload;
    Delivery delivery{};
  };
  const HubProtocolKind protocol_;
  std::array<Known, 16> known_;
  std::size_t newest_ = 0;
};

}  // namespace message_service::bench
