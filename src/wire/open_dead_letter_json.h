// The JSON form of an open dead letter, as a store keeps it and as operators' tools show it. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"

namespace message_service::wire {

std::string open_dead_letter_json(const OpenDeadLetter& letter);

// The inverse. `corrupt` when `json` has another form.
base::Result<OpenDeadLetter> read_open_dead_letter(std::string_view json);

// The keys that operators' tools ask with: {"letters":[{"conversationId","id"},...]}. `invalid` when `json` has another
// form.
std::string letter_keys_json(const std::vector<DeadLetterKey>& keys);
base::Result<std::vector<DeadLetterKey>> read_dead_letter_keys(std::string_view json);

}  // namespace message_service::wire
