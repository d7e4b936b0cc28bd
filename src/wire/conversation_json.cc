#include "wire/conversation_json.h"

#include "base/json_object_writer.h"
#include "wire/json_reader.h"

namespace message_service::wire {

namespace {

Participant read_participant(const boost::json::object& object, FieldErrors& errors) {
  Participant participant{.id = string_field(object, "id", errors).value_or(""),
                          .type = string_field(object, "type", errors).value_or("")};
  if (const auto text = string_field(object, "role", errors)) {
    const auto role = parse_role(*text);
    if (!role) errors.push_back({"role", "must be owner, member or reader"});
    participant.role = role.value_or(Role::member);
  }
  return participant;
}

Participant read_participant(const boost::json::value& value, const std::string& at, FieldErrors& errors) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    errors.push_back({at, "must be an object with id and type"});
    return {};
  }
  FieldErrors inner;
  Participant participant = read_participant(*object, inner);
  for (FieldError& error : inner) errors.push_back({at + "." + error.field, std::move(error.text)});
  return participant;
}

Conversation read_fields(const boost::json::object& object, FieldErrors& errors) {
  Conversation conversation;
  conversation.id = string_field(object, "id", errors).value_or("");
  conversation.title = string_field(object, "title", errors).value_or("");
  conversation.created_at = time_field(object, "createdAt", errors).value_or(0);
  const auto* participants = find_member(object, "participants");
  if (participants == nullptr || participants->is_null()) return conversation;
  if (!participants->is_array()) {
    errors.push_back({"participants", "must be a list of {\"id\", \"type\"}"});
    return conversation;
  }
  for (const auto& value : participants->get_array()) {
    const std::string at = "participants[" + std::to_string(conversation.participants.size()) + "]";
    conversation.participants.push_back(read_participant(value, at, errors));
  }
  return conversation;
}

}  // namespace

base::Result<Conversation> read_conversation_request(std::string_view body, FieldErrors& errors) {
  Document document;
  if (auto parsed = document.parse(body); !parsed) return parsed.error();
  Conversation conversation = read_fields(document.object(), errors);
  conversation.created_at = 0;
  return conversation;
}

std::string participants_json(const std::vector<Participant>& participants, MemberRole member_role) {
  std::string out = "[";
  for (const Participant& participant : participants) {
    if (out.size() > 1) out.push_back(',');
    base::JsonObjectWriter writer(out);
    writer.string("id", participant.id).string("type", participant.type);
    if (member_role == MemberRole::said || participant.role != Role::member) {
      writer.string("role", to_text(participant.role));
    }
    writer.close();
  }
  out.push_back(']');
  return out;
}

base::Result<Participant> read_participant_request(std::string_view body, FieldErrors& errors) {
  Document document;
  if (auto parsed = document.parse(body); !parsed) return parsed.error();
  return read_participant(document.object(), errors);
}

std::string standing_json(const Standing& standing) {
  std::string out;
  base::JsonObjectWriter writer(out);
  writer.string("id", standing.participant.id)
      .string("type", standing.participant.type)
      .string("role", to_text(standing.participant.role))
      .number("since", standing.since);
  if (standing.removed) writer.raw("removed", "true");
  writer.close();
  return out;
}

base::Result<Standing> read_standing(std::string_view json) {
  Document document;
  FieldErrors errors;
  auto parsed = document.parse(json);
  if (!parsed) return base::Error{base::ErrorCode::corrupt, "a stored participant " + parsed.error().text};
  const auto& object = document.object();
  Standing standing{.participant = read_participant(object, errors)};
  const auto since = number_field(object, "since", errors);
  standing.since = since.value_or(0);
  standing.removed = find_member(object, "removed") != nullptr;
  if (errors.empty() && since && !standing.participant.id.empty()) return standing;
  return base::Error{base::ErrorCode::corrupt, "a stored participant is damaged"};
}

std::string conversation_json(const Conversation& conversation, const ConversationState& state) {
  std::string out = conversation_json(conversation);
  out.pop_back();
  std::string more;
  base::JsonObjectWriter writer(more);
  writer.string("historyId", state.history_id);
  if (state.last_sequence) writer.number("lastSequence", *state.last_sequence);
  writer.close();
  more.front() = ',';
  return out.append(more);
}

std::string conversation_json(const Conversation& conversation) {
  std::string out;
  base::JsonObjectWriter(out)
      .string("id", conversation.id)
      .string("title", conversation.title)
      .raw("participants", participants_json(conversation.participants, MemberRole::left_out))
      .time("createdAt", conversation.created_at)
      .close();
  return out;
}

base::Result<Conversation> read_conversation(std::string_view json) {
  Document document;
  if (auto parsed = document.parse(json); !parsed) {
    return base::Error{base::ErrorCode::corrupt, "a stored conversation " + parsed.error().text};
  }
  FieldErrors errors;
  Conversation conversation = read_fields(document.object(), errors);
  if (conversation.id.empty()) errors.push_back({"id", "is missing"});
  if (!errors.empty()) {
    return base::Error{base::ErrorCode::corrupt,
                       "a stored conversation is damaged: field " + errors.front().field + " " + errors.front().text};
  }
  return conversation;
}

}  // namespace message_service::wire
