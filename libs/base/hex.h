// Hexadecimal text: writes two lower-case digits for each byte, reads digits of either case. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace base {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

inline void append_hex(std::string& out, std::uint8_t byte) {
  out.append({kHexDigits[byte >> 4], kHexDigits[byte & 0x0F]});
}

inline void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  char* digit = out.data() + before;
  for (const std::uint8_t byte : bytes) {
    *digit++ = kHexDigits[byte >> 4];
    *digit++ = kHexDigits[byte & 0x0F];
  }
}

inline std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

inline std::string to_hex(std::string_view bytes) {
  return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

namespace detail {

constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int value = 0; value < 16; ++value) {
    const char digit = kHexDigits[static_cast<std::size_t>(value)];
    values[static_cast<std::uint8_t>(digit)] = static_cast<std::int8_t>(value);
    if (value >= 10) values[static_cast<std::uint8_t>(digit - 'a' + 'A')] = static_cast<std::int8_t>(value);
  }
  return values;
}

inline constexpr std::array<std::int8_t, 256> kHexValues = make_hex_values();

}  // namespace detail

// Returns -1 when `digit` is no hexadecimal digit.
constexpr int hex_value(char digit) { return detail::kHexValues[static_cast<std::uint8_t>(digit)]; }

// Returns false when the length of `text` is not 2 * out.size(), or when a character is no hexadecimal digit.
constexpr bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace base
