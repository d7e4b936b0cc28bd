// Text checks on bytes from outside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Well-formed UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// True when a C0 control, DEL or a C1 control (U+0080–U+009F) is present. Expects well-formed UTF-8.
bool has_control_characters(std::string_view text);

// The bytes for a terminal, which would obey controls: as they are, or, where they hold controls or are no UTF-8, with
// a question mark for each byte that is not printable ASCII.
std::string printable(std::string_view bytes);

// Checks text that arrives in pieces, and fails at the first byte that cannot be right. One owner.
class Utf8Validator {
 public:
  // Returns false at the first wrong byte; call reset() then.
  bool feed(std::string_view bytes);

  // True between two characters.
  bool is_complete() const { return missing_ == 0; }

  void reset() { *this = {}; }

 private:
  bool feed_byte(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes until the character ends
  std::uint8_t next_min_ = 0x80, next_max_ = 0xBF;
};

}  // namespace base
