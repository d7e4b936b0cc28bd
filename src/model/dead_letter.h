// A record that cannot become a stored message, with why. It leaves the way of a message; it is never dropped.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/event.h"
#include "model/log_record.h"

namespace message_service {

// Closed, so that it can be a metric label and a header that scripts match on.
enum class DeadReason {
  malformed,
  invalid,
  unknown_conversation,
  key_conflict,
  store_refused,
  misplaced,  // lies in a partition that is not its conversation's, and cannot be moved to that one
  parked,     // nothing is wrong with it, but an earlier message of its conversation is dead
  discarded,  // an operator has given it up, and its sender did not know yet that it had not been stored
};

inline constexpr std::array kDeadReasons{
    DeadReason::malformed,    DeadReason::invalid,       DeadReason::unknown_conversation,
    DeadReason::key_conflict, DeadReason::store_refused, DeadReason::misplaced,
    DeadReason::parked,       DeadReason::discarded};

constexpr std::string_view to_text(DeadReason reason) {
  switch (reason) {
    case DeadReason::malformed:
      return "malformed";
    case DeadReason::invalid:
      return "invalid";
    case DeadReason::unknown_conversation:
      return "unknown-conversation";
    case DeadReason::key_conflict:
      return "key-conflict";
    case DeadReason::store_refused:
      return "store-refused";
    case DeadReason::misplaced:
      return "misplaced";
    case DeadReason::parked:
      return "parked";
    case DeadReason::discarded:
      return "discarded";
  }
  return "";
}

inline std::optional<DeadReason> parse_dead_reason(std::string_view text) {
  for (const DeadReason reason : kDeadReasons) {
    if (to_text(reason) == text) return reason;
  }
  return std::nullopt;
}

// What later messages of a conversation do when one is dead.
enum class DeadLetterOrder { pass, park };

// Whether later messages wait for such a one. Only for what may yet be stored as it is, once the store or the
// conversation is put right: nobody's own mistake may hold up a conversation.
constexpr bool holds_up(DeadReason reason) {
  return reason == DeadReason::unknown_conversation || reason == DeadReason::store_refused ||
         reason == DeadReason::parked;
}

inline constexpr const char* kParkedText = "an earlier message of its conversation is a dead letter";

// Which letter: its conversation, empty when the record names none that could be, and where the record first lay in the
// log. The place is what people call it by.
struct DeadLetterKey {
  std::string conversation_id;
  Position origin;
  auto operator<=>(const DeadLetterKey&) const = default;
};

struct DeadLetter {
  ConsumedRecord source;
  DeadReason reason;
  std::string error;                         // for people: what exactly is wrong
  std::optional<MessageRejected> rejection;  // set when somebody is to be told
  std::string conversation_id{};
  std::string temporary_message_id{};        // empty when the record names none that could be
  std::optional<Position> first_position{};  // of the record that this one is a further attempt of
  int attempts = 1;                          // how often it was tried to store it

  Position origin() const { return first_position.value_or(source.position); }
};

// What the store remembers of a dead letter until it is stored or discarded.
struct OpenDeadLetter {
  std::string conversation_id;
  Position origin;
  Position last;  // of the record that last came to nothing
  std::string temporary_message_id;
  DeadReason reason = DeadReason::malformed;
  std::string error;
  int attempts = 1;
  base::Timestamp failed_at = 0;
  std::string digest;  // of the record: what claims to be a further attempt must have it

  DeadLetterKey key() const { return {conversation_id, origin}; }
  bool operator==(const OpenDeadLetter&) const = default;
};

std::string digest_of(const LogRecord& record);
OpenDeadLetter open_dead_letter_of(const DeadLetter& letter, base::Timestamp failed_at);

}  // namespace message_service
