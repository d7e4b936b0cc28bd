#include "fuzz/checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "signalr/protocol/handshake.h"
#include "signalr/protocol/json_protocol.h"
#include "signalr/protocol/msgpack_protocol.h"
#include "support/cpp/frame_transcript.h"
#include "websocket/codec/deflate_agreement.h"
#include "websocket/codec/deflater.h"

namespace message_service::fuzz {

namespace {

using signalr::HubMessage;
using signalr::HubProtocol;

const signalr::JsonProtocol kJson;
const signalr::MessagePackProtocol kMessagePack;

constexpr signalr::ProtocolLimits kLimits{.message_bytes_max = 4096, .nesting_max = 16};
// What is written may be longer than what was read: "\u0001" for one byte, base64 for bytes.
constexpr signalr::ProtocolLimits kWideLimits{.message_bytes_max = std::size_t{1} << 20, .nesting_max = 16};

// The sizes of the pieces, which follow from the bytes themselves so that a finding can be repeated.
class Cuts {
 public:
  explicit Cuts(std::string_view bytes) {
    for (const char byte : bytes) state_ = state_ * 31 + static_cast<unsigned char>(byte);
  }
  std::size_t next() {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return 1 + (state_ >> 33) % 9;
  }

 private:
  std::uint64_t state_ = 1;
};

struct Transcript {
  std::vector<std::string> messages;  // written again
  std::string error;
  bool operator==(const Transcript&) const = default;
};

// As a connection does it: appended to what is left over. False when the stream is lost.
bool feed(const HubProtocol& protocol, std::string& pending, Transcript& transcript) {
  std::string_view rest = pending;
  while (true) {
    const auto message = protocol.parse(rest, kLimits);
    if (!message) {
      transcript.error = message.error().text;
      CHECK(message.error().code == base::ErrorCode::invalid);
      return false;
    }
    CHECK(pending.ends_with(rest));
    if (!*message) break;
    transcript.messages.push_back(protocol.write(**message));
  }
  pending.erase(0, pending.size() - rest.size());
  return true;
}

Transcript read_in_pieces(const HubProtocol& protocol, std::string_view bytes) {
  Cuts cuts(bytes);
  Transcript transcript;
  std::string pending;
  bool alive = true;
  while (alive && !bytes.empty()) {
    const std::size_t piece = std::min(cuts.next(), bytes.size());
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    alive = feed(protocol, pending, transcript);
  }
  return transcript;
}

HubMessage read_one(const HubProtocol& protocol, std::string_view bytes) {
  const auto message = protocol.parse(bytes, kWideLimits);
  CHECK(message && *message && bytes.empty());
  return **message;
}

void check_protocol(const HubProtocol& protocol, const HubProtocol& other, std::string_view bytes) {
  Transcript whole;
  std::string pending(bytes);
  feed(protocol, pending, whole);
  CHECK(read_in_pieces(protocol, bytes) == whole);
  for (const std::string& written : whole.messages) {
    const HubMessage message = read_one(protocol, written);
    CHECK(protocol.write(message) == written);
    CHECK(message_type(read_one(other, other.write(message))) == message_type(message));
  }
}

constexpr std::uint64_t kFrameMessageBytesMax = 1000;

// Read at once and in pieces. The same transcript, and all that it says within the bounds.
std::vector<std::string> read_frames(websocket::Role role, std::optional<std::uint64_t> inflated_bytes_max,
                                     std::string_view bytes) {
  websocket::FrameTranscript whole(role, kFrameMessageBytesMax, inflated_bytes_max);
  websocket::FrameTranscript pieces(role, kFrameMessageBytesMax, inflated_bytes_max);
  whole.feed(bytes);
  Cuts cuts(bytes);
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t piece = std::min(cuts.next(), rest.size());
    pieces.feed(rest.substr(0, piece));
    rest.remove_prefix(piece);
  }
  CHECK(pieces.lines() == whole.lines());
  const std::uint64_t bytes_max = std::max(kFrameMessageBytesMax, inflated_bytes_max.value_or(0));
  for (const std::string& line : whole.lines()) {
    CHECK(line.size() <= bytes_max + std::string_view("binary ").size());
    if (line.starts_with("text ")) CHECK(base::is_valid_utf8(line));
  }
  return whole.lines();
}

std::string compressed_frame(websocket::Opcode opcode, std::string_view payload, bool fin) {
  std::string frame = websocket::frame(opcode, payload, fin);
  if (opcode != websocket::Opcode::continuation) websocket::mark_deflated(frame);
  return frame;
}

}  // namespace

void check_json(std::string_view bytes) { check_protocol(kJson, kMessagePack, bytes); }

void check_messagepack(std::string_view bytes) { check_protocol(kMessagePack, kJson, bytes); }

void check_handshake(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto whole = signalr::parse_handshake(rest, kLimits.message_bytes_max);
  CHECK(bytes.ends_with(rest));
  if (whole && *whole) {
    const auto chosen = signalr::choose_protocol(**whole, std::vector<const HubProtocol*>{&kJson}, true);
    CHECK(!chosen || (*whole)->protocol.size() == std::string_view("json").size());
  }
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::string_view start = bytes.substr(0, size);
    const auto part = signalr::parse_handshake(start, kLimits.message_bytes_max);
    if (part && !*part) continue;  // it needs more
    CHECK(part.has_value() == whole.has_value());
    if (part) CHECK((*part)->protocol == (*whole)->protocol && (*part)->version == (*whole)->version);
    if (part) CHECK(bytes.size() - size + start.size() == rest.size());
    return;
  }
  CHECK(whole && !*whole);
}

void check_frames(std::string_view bytes) {
  for (const websocket::Role role : {websocket::Role::server, websocket::Role::client}) {
    read_frames(role, std::nullopt, bytes);
    read_frames(role, 30'000, bytes);
  }
}

void check_inflating(std::string_view bytes) {
  using websocket::Opcode;
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    Cuts cuts(bytes);
    const std::size_t first = std::min(bytes.size(), cuts.next());
    const std::string_view rest = bytes.substr(first);
    const std::size_t middle = std::min(rest.size(), cuts.next());
    std::string frames = compressed_frame(opcode, bytes.substr(0, first), false);
    frames += compressed_frame(Opcode::continuation, rest.substr(0, middle), false);
    frames += compressed_frame(Opcode::continuation, rest.substr(middle), true);
    read_frames(websocket::Role::client, 30'000, frames);
  }
  for (const int window_bits : {9, 15}) {
    const std::string frame = compressed_frame(Opcode::binary, websocket::deflated(bytes, window_bits), true);
    const auto lines = read_frames(websocket::Role::client, bytes.size(), frame);
    CHECK(lines.size() == 1 && lines.front() == "binary " + std::string(bytes));
  }
}

void check_extensions(std::string_view bytes) {
  const auto agreed = websocket::agree_on_deflate({&bytes, 1});
  if (!agreed) return;
  CHECK(bytes.find("permessage-deflate") != std::string_view::npos);
  const std::string answer = agreed->answer();
  const std::string_view offer = answer;
  CHECK(websocket::agree_on_deflate({&offer, 1}) == agreed);
}

}  // namespace message_service::fuzz
