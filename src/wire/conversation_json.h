// The JSON forms of a conversation. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/conversation.h"
#include "model/field_errors.h"

namespace message_service::wire {

// Reads the body of a POST /api/conversations; `id` stays empty where none is given. Wrong types go to `errors`.
base::Result<Conversation> read_conversation_request(std::string_view body, FieldErrors& errors);

// As the API shows it; with lastSequence where known.
std::string conversation_json(const Conversation& conversation, std::optional<std::uint64_t> last_sequence);

// The inverse of conversation_json, for stores.
base::Result<Conversation> read_conversation(std::string_view json);

}  // namespace message_service::wire
