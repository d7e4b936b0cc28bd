#include "wire/message_json.h"

#include <array>

#include "base/json_object_writer.h"
#include "wire/json_reader.h"
#include "wire/string_fields.h"

namespace message_service::wire {

namespace {

constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 53) - 1;  // the largest that JavaScript reads exactly

}  // namespace

base::Result<void> read_draft(std::string_view body, Draft& draft) {
  const std::array<StringField, 4> fields{{{"senderId", draft.sender_id},
                                           {"senderType", draft.sender_type},
                                           {"content", draft.content},
                                           {"temporaryMessageId", draft.temporary_message_id}}};
  return read_string_fields(body, fields, draft.errors);
}

std::string accepted_json(const Message& message) {
  std::string out;
  out.reserve(320 + message.content.size());
  base::JsonObjectWriter writer(out);
  writer.string("id", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("content", message.content)
      .string("status", "Sent")
      .time("sentAt", message.requested_at)
      .string("correlationId", message.correlation_id());
  if (message.change) writer.raw("participantChange", change_json(*message.change));
  writer.close();
  return out;
}

std::string stored_json(const Stored& stored) {
  std::string out;
  out.reserve(448 + stored.message().content.size());
  append_stored_json(out, stored);
  return out;
}

void append_stored_json(std::string& out, const Stored& stored) {
  const Message& message = stored.message();
  base::JsonObjectWriter writer(out);
  writer.hex("id", stored.id())
      .string("temporaryMessageId", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .number("sequence", stored.sequence())
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("content", message.content)
      .string("status", "Sent")
      .time("sentAt", message.requested_at)
      .time("persistedAt", stored.persisted_at())
      .string("correlationId", message.correlation_id());
  if (message.change) writer.raw("participantChange", change_json(*message.change));
  writer.close();
}

std::string change_json(const ParticipantChange& change) {
  const auto& [kind, participant] = change;
  std::string out;
  base::JsonObjectWriter writer(out);
  writer.string("action", to_text(kind)).string("id", participant.id);
  if (kind == ParticipantChange::Kind::set) {
    writer.string("type", participant.type).string("role", to_text(participant.role));
  }
  writer.close();
  return out;
}

namespace {

// Null without one.
std::shared_ptr<const ParticipantChange> read_change(const boost::json::object& stored, FieldErrors& errors) {
  using Kind = ParticipantChange::Kind;
  const auto* value = find_member(stored, "participantChange");
  if (value == nullptr) return nullptr;
  const auto wrong = [&] {
    errors.push_back({"participantChange", "is none"});
    return nullptr;
  };
  if (!value->is_object()) return wrong();
  const auto& object = value->get_object();
  FieldErrors inner;
  const auto text = [&](std::string_view name) { return string_field(object, name, inner).value_or(""); };
  const std::string action = text("action");
  ParticipantChange change{.kind = action == to_text(Kind::set) ? Kind::set : Kind::remove,
                           .participant = {.id = text("id"), .type = text("type")}};
  const auto role = change.kind == Kind::set ? parse_role(text("role")) : Role::member;
  if (!inner.empty() || action != to_text(change.kind) || !role || change.participant.id.empty()) return wrong();
  change.participant.role = *role;
  return std::make_shared<const ParticipantChange>(std::move(change));
}

}  // namespace

base::Result<Stored> read_stored(std::string_view json, std::string_view traceparent) {
  Document document;
  if (auto parsed = document.parse(json); !parsed) return base::Error{base::ErrorCode::corrupt, parsed.error().text};
  const auto& object = document.object();
  FieldErrors errors;
  const auto text = [&](std::string_view name) {
    auto value = string_field(object, name, errors);
    if (!value) errors.push_back({std::string(name), "is missing"});
    return std::move(value).value_or("");
  };
  const auto time = [&](std::string_view name) {
    const auto value = time_field(object, name, errors);
    if (!value) errors.push_back({std::string(name), "is missing"});
    return value.value_or(0);
  };
  Message message;
  message.conversation_id = text("conversationId");
  message.temporary_message_id = text("temporaryMessageId");
  message.sender_id = text("senderId");
  message.sender_type = text("senderType");
  message.content = text("content");
  message.set_correlation_id(string_field(object, "correlationId", errors).value_or(""));
  message.requested_at = time("sentAt");
  const base::Timestamp persisted_at = time("persistedAt");
  message.change = read_change(object, errors);
  const std::uint64_t sequence = number_field(object, "sequence", errors).value_or(0);
  if (errors.empty() && (sequence == 0 || sequence > kSequenceMax)) {
    errors.push_back({"sequence", "must be a whole number from 1 to 2^53 - 1"});
  }
  if (!errors.empty()) {
    return base::Error{base::ErrorCode::corrupt, "field " + errors.front().field + " " + errors.front().text};
  }
  message.traceparent = traceparent;
  message.id = derive_message_id(message.conversation_id, message.temporary_message_id);
  return Stored::from_store(std::move(message), sequence, persisted_at);
}

}  // namespace message_service::wire
