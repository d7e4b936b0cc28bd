#include "transport/signalr/codec/base64.h"

#include <algorithm>
#include <string_view>

namespace message_service::signalr {

namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Returns how many of the last four digits padding would stand for.
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

}  // namespace

void append_base64(std::string& out, std::span<const std::uint8_t> bytes) {
  out.append(append_digits(out, bytes, kStandard), '=');
}

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string text;
  append_digits(text, bytes, kUrlSafe);
  return text;
}

}  // namespace message_service::signalr
