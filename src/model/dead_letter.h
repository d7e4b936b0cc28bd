// A record that cannot become a stored message, with the reason. It leaves the way of a message; it is never dropped.
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
  not_a_participant,  // its sender was removed before it, or may not do it
  misplaced,          // is in a partition that is not its conversation's, and cannot be moved to the right one
  parked,             // nothing is wrong with it, but an earlier message of its conversation is dead
  discarded,          // an operator has discarded it, and its sender did not know yet that it had not been stored
};

inline constexpr std::array kDeadReasons{
    DeadReason::malformed,    DeadReason::invalid,       DeadReason::unknown_conversation,
    DeadReason::key_conflict, DeadReason::store_refused, DeadReason::not_a_participant,
    DeadReason::misplaced,    DeadReason::parked,        DeadReason::discarded};

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
    case DeadReason::not_a_participant:
      return "not-a-participant";
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

// The behaviour of later messages of a conversation when one is dead.
enum class DeadLetterOrder { pass, park };

// Whether later messages wait for a letter with this reason. They wait only for a letter that may yet be stored as it
// is, once the store or the conversation is put right: a sender's own mistake may not hold up a conversation.
constexpr bool holds_up(DeadReason reason) {
  return reason == DeadReason::unknown_conversation || reason == DeadReason::store_refused ||
         reason == DeadReason::parked;
}

inline constexpr const char* kParkedText = "an earlier message of its conversation is a dead letter";

// The name of a letter: its conversation, empty when the record names no possible one, and the record's first position
// in the log. People call the letter by this position.
struct DeadLetterKey {
  std::string conversation_id;
  Position origin;
  auto operator<=>(const DeadLetterKey&) const = default;
};

struct DeadLetter {
  ConsumedRecord source;
  DeadReason reason;
  std::string error;                         // for people: the exact fault
  std::optional<MessageRejected> rejection;  // set when a client is to be notified
  std::string conversation_id{};
  std::string temporary_message_id{};        // empty when the record names no possible one
  std::optional<Position> first_position{};  // of the record of which this one is a further attempt
  int attempts = 1;                          // how many attempts to store it there were

  Position origin() const { return first_position.value_or(source.position); }
};

// The store's memory of a dead letter, until the letter is stored or discarded.
struct OpenDeadLetter {
  std::string conversation_id;
  Position origin;
  Position last;  // of the last record that failed
  std::string temporary_message_id;
  DeadReason reason = DeadReason::malformed;
  std::string error;
  int attempts = 1;
  base::Timestamp failed_at = 0;
  std::string digest;  // of the record: a record that claims to be a further attempt must have it

  DeadLetterKey key() const { return {conversation_id, origin}; }
  bool operator==(const OpenDeadLetter&) const = default;
};

std::string digest_of(const LogRecord& record);
OpenDeadLetter open_dead_letter_of(const DeadLetter& letter, base::Timestamp failed_at);

}  // namespace message_service
