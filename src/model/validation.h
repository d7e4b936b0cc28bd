// The checks that fields share. Each adds to `errors` and returns whether the value passed.
#pragma once

#include <string>
#include <string_view>

#include "model/conversation.h"
#include "model/field_errors.h"
#include "model/limits.h"

namespace message_service {

// Not empty, at most limits.id_bytes_max bytes, well-formed UTF-8, no control characters.
bool check_id(std::string_view field, std::string_view value, const Limits& limits, FieldErrors& errors);

// One of limits.sender_types in any case; it becomes the declared name.
bool check_sender_type(std::string_view field, std::string& value, const Limits& limits, FieldErrors& errors);

void check_conversation(Conversation& conversation, const Limits& limits, FieldErrors& errors);

}  // namespace message_service
