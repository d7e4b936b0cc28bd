#include "transport/websocket/codec/utf8_validator.h"

#include <cstring>

namespace message_service::websocket {

namespace {

// How many bytes at the front are ASCII, rounded down to whole words.
std::size_t ascii_prefix(std::string_view bytes) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t count = 0;
  while (bytes.size() - count >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + count, sizeof word);
    if ((word & high_bits) != 0) break;
    count += sizeof word;
  }
  return count;
}

}  // namespace

bool Utf8Validator::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto byte = static_cast<std::uint8_t>(bytes[at]);
    if (missing_ == 0 && byte < 0x80) {
      const std::size_t skip = ascii_prefix(bytes.substr(at));
      at += skip == 0 ? 1 : skip;
      continue;
    }
    if (!feed_byte(byte)) return false;
    ++at;
  }
  return true;
}

bool Utf8Validator::feed_byte(std::uint8_t byte) {
  if (missing_ == 0) return feed_lead(byte);
  if (byte < next_min_ || byte > next_max_) return false;
  --missing_;
  next_min_ = 0x80;
  next_max_ = 0xBF;
  return true;
}

// RFC 3629, section 4: narrowing the second byte rules out overlong forms, surrogates and values above U+10FFFF.
bool Utf8Validator::feed_lead(std::uint8_t byte) {
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) next_min_ = 0xA0;
  if (byte == 0xED) next_max_ = 0x9F;
  if (byte == 0xF0) next_min_ = 0x90;
  if (byte == 0xF4) next_max_ = 0x8F;
  return true;
}

}  // namespace message_service::websocket
