#include "base/base64.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace base {

namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Returns the number of padding characters that would complete the last group of four digits.
std::size_t append_digits(std::string& out, std::span<const std::uint8_t> bytes, std::string_view alphabet) {
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < bytes.size() ? bytes[i] : 0U);
    const std::size_t digits = std::min<std::size_t>(3, bytes.size()) + 1;
    for (std::size_t i = 0; i < digits; ++i) out.push_back(alphabet[group >> (18 - 6 * i) & 0x3F]);
    if (digits < 4) return 4 - digits;
  }
  return 0;
}

// By character: the value of the digit, or kNoDigit.
using DigitValues = std::array<std::uint8_t, 256>;
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr DigitValues make_digit_values(std::string_view alphabet) {
  DigitValues values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

std::optional<std::vector<std::uint8_t>> read_digits(std::string_view text, const DigitValues& values) {
  if (text.size() % 4 == 1) return std::nullopt;  // six bits are no byte
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::uint32_t digit = values[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) return std::nullopt;
    bits = bits << 6 | digit;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    bits &= (1U << bit_count) - 1;
  }
  if (bits != 0) return std::nullopt;  // the last digit has bits beyond the last byte
  return bytes;
}

}  // namespace

void append_base64(std::string& out, std::span<const std::uint8_t> bytes) {
  out.append(append_digits(out, bytes, kStandard), '=');
}

std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text) {
  static constexpr DigitValues kValues = make_digit_values(kStandard);
  if (text.size() % 4 != 0) return std::nullopt;
  for (std::size_t padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return read_digits(text, kValues);
}

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string text;
  append_digits(text, bytes, kUrlSafe);
  return text;
}

std::optional<std::vector<std::uint8_t>> read_base64url(std::string_view text) {
  static constexpr DigitValues kValues = make_digit_values(kUrlSafe);
  return read_digits(text, kValues);
}

}  // namespace base
