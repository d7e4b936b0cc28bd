// Frames as they are written (RFC 6455, section 5.2). Pure; any thread.
//
// A server's frame is not masked and depends on nothing but its payload, so one string serves every client of a
// broadcast. The masked form is for the client's side: tests and the load generator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace websocket {

enum class Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

// The first two bits are in a frame's first byte, the third is in its second byte.
constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kDeflatedBit = 0x40;  // RSV1, as RFC 7692 uses it
constexpr std::uint8_t kMaskBit = 0x80;

constexpr std::size_t kControlPayloadBytesMax = 125;

// Status codes of section 7.4.1 that we send or look at.
namespace close_code {
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t unsupported_data = 1003;
constexpr std::uint16_t no_status = 1005;  // never on the wire: the Close frame was empty
constexpr std::uint16_t abnormal = 1006;   // never on the wire: there was no Close frame
constexpr std::uint16_t invalid_payload = 1007;
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t too_big = 1009;
constexpr std::uint16_t internal_error = 1011;
}  // namespace close_code

// True for the codes a Close frame may carry.
bool is_valid_close_code(std::uint16_t code);

using MaskingKey = std::array<std::uint8_t, 4>;

// Masks or unmasks `bytes` in place; `position` is where they begin in their frame's payload.
void apply_mask(std::span<char> bytes, MaskingKey key, std::uint64_t position = 0);

class FrameHeader {
 public:
  FrameHeader(Opcode opcode, std::uint64_t payload_bytes, bool fin);

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 10> bytes_;
  std::uint8_t size_;
};

// The header of an unmasked frame, for a payload that is sent from its own memory.
FrameHeader frame_header(Opcode opcode, std::uint64_t payload_bytes, bool fin = true);

// A whole unmasked frame. A control frame's payload must have at most kControlPayloadBytesMax bytes.
std::string frame(Opcode opcode, std::string_view payload, bool fin = true);

// The payload of a whole unmasked frame.
std::string_view payload_of(std::string_view frame);

// A whole frame as a client sends it; the key should be random and fresh for each frame.
std::string masked_frame(Opcode opcode, std::string_view payload, MaskingKey key, bool fin = true);

// Marks a frame's header: the message that the frame begins is compressed (RSV1; RFC 7692, section 6).
void mark_deflated(std::string& frame);

// The payload of a Close frame: empty for `no_status`. A reason that is too long is cut between two characters.
std::string close_payload(std::uint16_t code, std::string_view reason = {});

std::string close_frame(std::uint16_t code, std::string_view reason = {});

}  // namespace websocket
