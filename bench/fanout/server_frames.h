// What a server sends to its hub clients, read as cheaply as can be: many thousand clients get the same bytes, so each
// message is looked into once, and known again by comparing. One thread; a result lives as long as the bytes it is of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/fanout/client_frames.h"

namespace message_service::bench {

// The head of an HTTP response with its empty line, taken off the front; empty while it is not whole.
std::string_view take_head(std::string_view& input);

struct ServerFrame {
  FrameKind kind;
  bool compressed;
  std::string_view payload;
  std::string_view whole;
};

// Takes a frame off the front; nothing while it is not whole. Servers neither mask nor, here, cut messages up.
std::optional<ServerFrame> take_frame(std::string_view& input);

// The number behind a name in a hub message.
std::optional<std::uint64_t> number_after(HubProtocolKind protocol, std::string_view payload, std::string_view name);

// A payload as it was before it was compressed; nothing when it is not compressed rightly.
std::optional<std::string> inflated(std::string_view payload);

// The content of a message of the bench begins with its number. What follows has no more sense than a number can give,
// and is about as compressible as what people write.
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
  // Nothing when it is no message of the bench.
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
