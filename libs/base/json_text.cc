#include "base/json_text.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/hex.h"

namespace base {

namespace {

// 0: copy as is; 'u': \u00XX; else the letter after the backslash (RFC 8259, section 7).
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

// A vector type of GCC and Clang: one comparison covers all its bytes, on any processor.
constexpr std::size_t kBlockBytes = 16;
using Block [[gnu::vector_size(kBlockBytes)]] = std::uint8_t;

bool any_escapes(const char* text) {
  Block block;
  std::memcpy(&block, text, sizeof block);
  const auto found = (block < 0x20) | (block == '"') | (block == '\\');
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &found, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// Returns how many bytes at the front may be copied as they are.
std::size_t plain_bytes(std::string_view text) {
  if (text.size() < kBlockBytes) {
    std::array<char, kBlockBytes> padded;
    padded.fill(' ');
    text.copy(padded.data(), text.size());  // an empty view may have no address, which memcpy() does not accept
    if (!any_escapes(padded.data())) return text.size();
  }
  std::size_t i = 0;
  while (i + kBlockBytes <= text.size() && !any_escapes(text.data() + i)) i += kBlockBytes;
  const bool in_last_block = i + kBlockBytes > text.size() && text.size() >= kBlockBytes;
  if (in_last_block && !any_escapes(text.data() + text.size() - kBlockBytes)) return text.size();
  while (i < text.size() && kEscapes[static_cast<unsigned char>(text[i])] == 0) ++i;
  return i;
}

void append_escaped(std::string& out, unsigned char byte) {
  const char escape = kEscapes[byte];
  out.push_back('\\');
  out.push_back(escape);
  if (escape != 'u') return;
  out.append("00");
  append_hex(out, byte);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (true) {
    const std::size_t plain = plain_bytes(text);
    out.append(text.data(), plain);
    if (plain == text.size()) break;
    append_escaped(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

}  // namespace base
