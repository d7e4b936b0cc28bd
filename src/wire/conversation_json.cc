#include "wire/conversation_json.h"

#include "base/json_object_writer.h"
#include "wire/json_reader.h"

namespace message_service::wire {

namespace {

Participant read_participant(const boost::json::value& value, const std::string& at, FieldErrors& errors) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    errors.push_back({at, "must be an object with id and type"});
    return {};
  }
  FieldErrors inner;
  Participant participant{.id = string_field(*object, "id", inner).value_or(""),
                          .type = string_field(*object, "type", inner).value_or("")};
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

std::string conversation_json(const Conversation& conversation, std::optional<std::uint64_t> last_sequence) {
  std::string participants = "[";
  for (const Participant& participant : conversation.participants) {
    if (participants.size() > 1) participants.push_back(',');
    base::JsonObjectWriter(participants).string("id", participant.id).string("type", participant.type).close();
  }
  participants.push_back(']');

  std::string out;
  base::JsonObjectWriter writer(out);
  writer.string("id", conversation.id)
      .string("title", conversation.title)
      .raw("participants", participants)
      .time("createdAt", conversation.created_at);
  if (last_sequence) writer.number("lastSequence", *last_sequence);
  writer.close();
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
