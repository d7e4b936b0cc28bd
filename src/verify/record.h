// What a check keeps of one line until the lines of the same message meet: numbers and hashes, no texts. Values.
#pragma once

#include <cstdint>

namespace message_service::verify {

struct Record {
  enum class Kind : std::uint8_t { write, outcome, stored, received };
  static constexpr std::uint8_t kOutcomeMask = 3;  // a SendOutcome
  static constexpr std::uint8_t kHasOutcome = 4;
  static constexpr std::uint8_t kHasContent = 8;
  static constexpr std::uint8_t kHasTimes = 16;  // of a stored row: its write's are known
  static constexpr std::uint8_t kBehind = 32;    // of a received message: a later one came before it
  static constexpr std::uint8_t kForeign = 64;   // of a stored row: it names another conversation

  std::uint64_t key = 0;    // hash of the message's key; in the second sort its sequence
  std::uint64_t place = 0;  // packed
  std::uint64_t hash = 0;   // of the content; in the second sort of the whole row
  std::uint64_t a = 0;      // time of sending; of a stored row its sequence; of a received one its view
  std::uint64_t b = 0;      // time of the outcome; of a stored row the hash of the whole row
  std::uint32_t conversation = 0;
  std::uint16_t source = 0;  // a write's clock; a stored row's listing
  Kind kind = Kind::write;
  std::uint8_t flags = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }

  // Lines of one message side by side, what is sent before what is stored before what is received.
  bool operator<(const Record& other) const {
    if (conversation != other.conversation) return conversation < other.conversation;
    if (key != other.key) return key < other.key;
    if (kind != other.kind) return kind < other.kind;
    if (kind == Kind::received && a != other.a) return a < other.a;
    return place < other.place;
  }
};
static_assert(sizeof(Record) == 48);

}  // namespace message_service::verify
