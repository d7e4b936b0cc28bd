// The JSON forms of a conversation. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/conversation.h"
#include "model/field_errors.h"
#include "model/participant_change.h"

namespace message_service::wire {

// Reads the body of a POST /api/conversations; `id` stays empty where none is given. Wrong types go to `errors`.
base::Result<Conversation> read_conversation_request(std::string_view body, FieldErrors& errors);

// The body of a POST …/participants.
base::Result<Participant> read_participant_request(std::string_view body, FieldErrors& errors);

// Whether the role of a plain member is said; every other role is.
enum class MemberRole { said, left_out };
std::string participants_json(const std::vector<Participant>& participants, MemberRole member_role);

// A person's place, as the embedded store keeps it.
std::string standing_json(const Standing& standing);
base::Result<Standing> read_standing(std::string_view json);

// As the API shows it.
struct ConversationState {
  std::string history_id{};                      // of the store
  std::optional<std::uint64_t> last_sequence{};  // where known
};
std::string conversation_json(const Conversation& conversation, const ConversationState& state);

// As stores keep it, and as clients send it.
std::string conversation_json(const Conversation& conversation);

// The inverse of conversation_json, for stores.
base::Result<Conversation> read_conversation(std::string_view json);

}  // namespace message_service::wire
