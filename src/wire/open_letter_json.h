// The JSON form of an open dead letter: what a store keeps of it, and what operators' tools show. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"

namespace message_service::wire {

std::string open_letter_json(const OpenLetter& letter);

// The inverse. `corrupt` when it is not that.
base::Result<OpenLetter> read_open_letter(std::string_view json);

// What operators' tools ask with: {"letters":[{"conversationId","id"},...]}. `invalid` when it is not that.
std::string letter_keys_json(const std::vector<LetterKey>& keys);
base::Result<std::vector<LetterKey>> read_letter_keys(std::string_view json);

}  // namespace message_service::wire
