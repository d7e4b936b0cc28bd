#include "wire/message_json.h"

#include <array>

#include "wire/json_reader.h"
#include "wire/json_writer.h"
#include "wire/string_fields.h"

namespace message_service::wire {

namespace {

constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 53) - 1;  // the largest that JavaScript reads exactly

}  // namespace

Result<void> read_draft(std::string_view body, Draft& draft) {
  const std::array<StringField, 4> fields{{{"senderId", draft.sender_id},
                                           {"senderType", draft.sender_type},
                                           {"content", draft.content},
                                           {"temporaryMessageId", draft.temporary_message_id}}};
  return read_string_fields(body, fields, draft.errors);
}

std::string accepted_json(const Message& message) {
  std::string out;
  out.reserve(320 + message.content.size());
  ObjectWriter(out)
      .string("id", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("content", message.content)
      .string("status", "Sent")
      .time("sentAt", message.requested_at)
      .string("correlationId", message.correlation_id())
      .close();
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
  ObjectWriter(out)
      .id("id", stored.id())
      .string("temporaryMessageId", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .number("sequence", stored.sequence())
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("content", message.content)
      .string("status", "Sent")
      .time("sentAt", message.requested_at)
      .time("persistedAt", stored.persisted_at())
      .string("correlationId", message.correlation_id())
      .close();
}

Result<Stored> read_stored(std::string_view json) {
  Document document;
  if (auto parsed = document.parse(json); !parsed) return parsed.error();
  const auto& object = document.object();
  FieldErrors errors;
  Message message;
  message.conversation_id = string_field(object, "conversationId", errors).value_or("");
  message.temporary_message_id = string_field(object, "temporaryMessageId", errors).value_or("");
  message.sender_id = string_field(object, "senderId", errors).value_or("");
  message.sender_type = string_field(object, "senderType", errors).value_or("");
  message.content = string_field(object, "content", errors).value_or("");
  message.set_correlation_id(string_field(object, "correlationId", errors).value_or(""));
  message.requested_at = time_field(object, "sentAt", errors).value_or(0);
  const Timestamp persisted_at = time_field(object, "persistedAt", errors).value_or(0);
  const std::uint64_t sequence = number_field(object, "sequence", errors).value_or(0);
  if (!errors.empty() || sequence == 0 || sequence > kSequenceMax || message.conversation_id.empty() ||
      message.temporary_message_id.empty()) {
    return Error{ErrorCode::corrupt, "a stored message lacks a field or has one of a wrong type"};
  }
  message.id = derive_message_id(message.conversation_id, message.temporary_message_id);
  return Stored::from_store(std::move(message), sequence, persisted_at);
}

}  // namespace message_service::wire
