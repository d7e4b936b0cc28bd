// The events that the hub sends to its clients. A MessageSent can only be made of a Stored message; one with a change
// is the announcement of that change.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "model/message.h"

namespace message_service {

struct MessageSent {
  explicit MessageSent(Stored message) : stored(std::move(message)) {}
  Stored stored;
};

struct MessageRejected {
  std::string conversation_id;
  std::string temporary_message_id;
  std::string reason;
};

using Event = std::variant<MessageSent, MessageRejected>;

}  // namespace message_service
