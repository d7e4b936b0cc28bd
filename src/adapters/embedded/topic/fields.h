// Numbers and texts in the bytes of a row, a key or a record. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace message_service::embedded {

inline constexpr std::size_t kNumberBytes = 8;

inline void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

inline std::string number_key(std::uint64_t number) {
  std::string key;
  append_number(key, number);
  return key;
}

// Expects 8 bytes.
inline std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes.substr(0, 8)) number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

inline constexpr std::size_t kVarintBytesMax = 10;

// Seven bits a byte, the lowest first; the top bit says that more bytes follow.
inline void append_varint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

inline void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

// Takes fields from the front. After one field is short, all later fields are short, too. Texts are views of the bytes.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  char byte() { return take(1).empty() ? '\0' : taken_[0]; }
  std::uint64_t number() { return take(8).size() == 8 ? read_number(taken_) : 0; }
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto next = static_cast<std::uint8_t>(byte());
      number |= static_cast<std::uint64_t>(next & 0x7F) << shift;
      if ((next & 0x80) == 0) return number;
    }
    failed_ = true;
    return 0;
  }
  std::string_view text() { return take(varint()); }
  std::string_view rest() { return take(rest_.size()); }
  std::string_view take(std::uint64_t count) {
    failed_ = failed_ || count > rest_.size();
    taken_ = failed_ ? std::string_view() : rest_.substr(0, count);
    rest_.remove_prefix(taken_.size());
    return taken_;
  }

  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  std::string_view taken_;
  bool failed_ = false;
};

}  // namespace message_service::embedded
