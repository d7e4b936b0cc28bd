#include "base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace base {

namespace {

struct Lead {
  std::size_t length;  // 0: not a lead byte
  std::uint8_t second_min, second_max;
};

// RFC 3629, section 4: the second byte's range rules out overlong forms, surrogates and values above U+10FFFF.
Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Returns how many bytes at the front are ASCII, rounded down to whole words, but at least 1: the first byte is ASCII.
std::size_t ascii_bytes(std::string_view bytes) {
  constexpr std::uint64_t kNotAscii = 0x8080808080808080;
  std::size_t count = 0;
  while (bytes.size() - count >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + count, sizeof word);
    if ((word & kNotAscii) != 0) break;
    count += sizeof word;
  }
  return std::max<std::size_t>(count, 1);
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    if (*at < 0x80) {
      at += ascii_bytes(text.substr(text.size() - static_cast<std::size_t>(end - at)));
      continue;
    }
    const Lead lead = lead_of(*at);
    if (lead.length == 0 || end - at < static_cast<std::ptrdiff_t>(lead.length)) return false;
    if (at[1] < lead.second_min || at[1] > lead.second_max) return false;
    for (std::size_t i = 2; i < lead.length; ++i) {
      if ((at[i] & 0xC0) != 0x80) return false;
    }
    at += lead.length;
  }
  return true;
}

bool Utf8Validator::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto byte = static_cast<std::uint8_t>(bytes[at]);
    if (missing_ == 0 && byte < 0x80) {
      at += ascii_bytes(bytes.substr(at));
      continue;
    }
    if (!feed_byte(byte)) return false;
    ++at;
  }
  return true;
}

bool Utf8Validator::feed_byte(std::uint8_t byte) {
  if (missing_ == 0) {
    const Lead lead = lead_of(byte);
    missing_ = static_cast<std::uint8_t>(lead.length == 0 ? 0 : lead.length - 1);
    next_min_ = lead.second_min;
    next_max_ = lead.second_max;
    return lead.length != 0;
  }
  if (byte < next_min_ || byte > next_max_) return false;
  --missing_;
  next_min_ = 0x80;
  next_max_ = 0xBF;
  return true;
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

std::string printable(std::string_view bytes) {
  std::string text(bytes);
  if (is_valid_utf8(bytes) && !has_control_characters(bytes)) return text;
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace base
