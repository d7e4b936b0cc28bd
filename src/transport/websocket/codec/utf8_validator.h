// Checks UTF-8 that comes in pieces, and objects at the first byte that cannot be right. Four bytes of state; one
// owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace message_service::websocket {

class Utf8Validator {
 public:
  // False at the first wrong byte; the validator must be reset() then.
  bool feed(std::string_view bytes);

  // True between two characters.
  bool is_complete() const { return missing_ == 0; }

  void reset() { *this = {}; }

 private:
  bool feed_byte(std::uint8_t byte);
  bool feed_lead(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes until the character ends
  std::uint8_t next_min_ = 0x80, next_max_ = 0xBF;
};

}  // namespace message_service::websocket
