#include "websocket/codec/frame.h"

#include <cstring>

#include "base/check.h"

namespace websocket {

namespace {

bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && is_utf8_continuation(text[end])) --end;
  return text.substr(0, end);
}

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 0x8; }

}  // namespace

bool is_valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void apply_mask(std::span<char> bytes, MaskingKey key, std::uint64_t position) {
  std::array<std::uint8_t, 8> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(position + i) & 3];
  std::uint64_t pattern;
  std::memcpy(&pattern, turned.data(), sizeof pattern);

  char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof pattern; at += sizeof pattern, left -= sizeof pattern) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= pattern;
    std::memcpy(at, &word, sizeof word);
  }
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ turned[i]);
}

FrameHeader::FrameHeader(Opcode opcode, std::uint64_t payload_bytes, bool fin) {
  bytes_[0] = static_cast<char>((fin ? kFinBit : 0) | static_cast<char>(opcode));
  std::size_t length_bytes = 0;
  if (payload_bytes < 126) {
    bytes_[1] = static_cast<char>(payload_bytes);
  } else if (payload_bytes <= 0xFFFF) {
    bytes_[1] = 126;
    length_bytes = 2;
  } else {
    bytes_[1] = 127;
    length_bytes = 8;
  }
  for (std::size_t i = 0; i < length_bytes; ++i) {
    bytes_[2 + i] = static_cast<char>(payload_bytes >> (8 * (length_bytes - 1 - i)));
  }
  size_ = static_cast<std::uint8_t>(2 + length_bytes);
}

FrameHeader frame_header(Opcode opcode, std::uint64_t payload_bytes, bool fin) { return {opcode, payload_bytes, fin}; }

std::string frame(Opcode opcode, std::string_view payload, bool fin) {
  CHECK(!is_control(opcode) || (fin && payload.size() <= kControlPayloadBytesMax));
  const FrameHeader header(opcode, payload.size(), fin);
  std::string bytes;
  bytes.reserve(header.view().size() + payload.size());
  bytes.append(header.view()).append(payload);
  return bytes;
}

std::string_view payload_of(std::string_view frame) {
  const auto short_length = static_cast<std::uint8_t>(frame[1]);
  return frame.substr(short_length == 127 ? 10 : short_length == 126 ? 4 : 2);
}

std::string masked_frame(Opcode opcode, std::string_view payload, MaskingKey key, bool fin) {
  const FrameHeader header(opcode, payload.size(), fin);
  std::string bytes;
  bytes.reserve(header.view().size() + key.size() + payload.size());
  bytes.append(header.view());
  bytes[1] = static_cast<char>(bytes[1] | kMaskBit);
  bytes.append(reinterpret_cast<const char*>(key.data()), key.size());
  const std::size_t payload_begin = bytes.size();
  bytes.append(payload);
  apply_mask(std::span(bytes).subspan(payload_begin), key);
  return bytes;
}

void mark_deflated(std::string& frame) { frame[0] = static_cast<char>(frame[0] | kDeflatedBit); }

std::string close_payload(std::uint16_t code, std::string_view reason) {
  if (code == close_code::no_status) return {};
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload.append(cut_text(reason, kControlPayloadBytesMax - payload.size()));
  return payload;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  return frame(Opcode::close, close_payload(code, reason));
}

}  // namespace websocket
