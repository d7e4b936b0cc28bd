// A record that cannot become a stored message, with why. It leaves the way of a message; it is never dropped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/event.h"
#include "model/log_record.h"

namespace message_service {

// Closed, so that it can be a metric label and a header that scripts match on.
enum class DeadReason { malformed, invalid, unknown_conversation, key_conflict, store_refused };

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
  }
  return "";
}

struct DeadLetter {
  ConsumedRecord source;
  DeadReason reason;
  std::string error;                         // for people: what exactly is wrong
  std::optional<MessageRejected> rejection;  // set when it is known whom to tell
};

}  // namespace message_service
