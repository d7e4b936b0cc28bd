#include "base/json_text.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace message_service {

namespace {

// 0: copy as is; 'u': \u00XX; else the letter behind the backslash (RFC 8259, section 7).
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[static_cast<std::size_t>(c)] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}

constexpr std::array<char, 256> kEscapes = make_escapes();

constexpr std::uint64_t eight_times(std::uint8_t byte) { return UINT64_C(0x0101010101010101) * byte; }

// Whether one of eight bytes is below `bound`, which is at most 0x80; bytes from 0x80 on are not.
constexpr bool any_below(std::uint64_t eight, std::uint8_t bound) {
  return ((eight - eight_times(bound)) & ~eight & eight_times(0x80)) != 0;
}

bool any_escapes(const char* text) {
  std::uint64_t eight;
  std::memcpy(&eight, text, sizeof eight);
  return any_below(eight, 0x20) || any_below(eight ^ eight_times('"'), 1) || any_below(eight ^ eight_times('\\'), 1);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (text.size() - i > 8 && !any_escapes(text.data() + i)) i += 8;
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text.substr(copied, i - copied));
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') {
      constexpr std::string_view digits = "0123456789abcdef";
      out.append("00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 0x0F]);
    }
    copied = i + 1;
  }
  out.append(text.substr(copied));
  out.push_back('"');
}

}  // namespace message_service
