// Who may write into a conversation and change who takes part, at one point of its log. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/message.h"

namespace message_service {

// Why the entry may not be stored; nothing when it may. `sender`: the sender's place in the conversation just before
// the entry; none when the sender was never in it. A person who was never in the conversation may write: the accepting
// node has checked that, and only a removal or another role may have come in between.
std::optional<std::string> objection_to(const Message& entry, const std::optional<Standing>& sender);

// The person's place after a change at that sequence. A person who takes part already keeps the beginning.
Standing standing_after(const ParticipantChange& change, const std::optional<Standing>& before, std::uint64_t sequence);

}  // namespace message_service
