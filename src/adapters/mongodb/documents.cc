#include "adapters/mongodb/documents.h"

#include <algorithm>

#include "tracing/trace_context.h"

namespace message_service::mongodb {

void write_message(Writer& out, const Message& message, std::uint64_t sequence, base::Timestamp persisted_at) {
  out.object_id("_id", message.id)
      .text("temporaryMessageId", message.temporary_message_id)
      .text("conversationId", message.conversation_id)
      .number("sequence", static_cast<std::int64_t>(sequence))
      .text("senderId", message.sender_id)
      .text("senderType", message.sender_type)
      .text("content", message.content)
      .text("status", "Sent")
      .date("sentAt", message.requested_at)
      .date("persistedAt", persisted_at)
      .text("correlationId", message.correlation_id());
  if (!message.traceparent.empty()) out.text("traceparent", message.traceparent);
  if (!message.change) return;
  const ParticipantChange& change = *message.change;
  out.document("participantChange", [&](Writer& part) {
    const Participant& participant = change.participant;
    part.text("action", to_text(change.kind)).text("id", participant.id);
    if (change.kind == ParticipantChange::Kind::remove) return;
    part.text("type", participant.type).text("role", to_text(participant.role));
  });
}

namespace {

void read_change(Reader& reader, Message& message) {
  using Kind = ParticipantChange::Kind;
  reader.document_or_nothing("participantChange", [&](Reader& part) {
    const std::string action = part.text("action");
    ParticipantChange change{.kind = action == to_text(Kind::set) ? Kind::set : Kind::remove,
                             .participant = {.id = part.text("id"), .type = {}}};
    if (action != to_text(change.kind)) part.fail("action", "is neither set nor remove");
    if (change.kind == Kind::set) {
      change.participant.type = part.text("type");
      const auto role = parse_role(part.text("role"));
      if (!role) part.fail("role", "is not known");
      change.participant.role = role.value_or(Role::member);
    }
    message.change = std::make_shared<const ParticipantChange>(std::move(change));
  });
}

}  // namespace

base::Result<Stored> read_message(const bson_t* document) {
  Reader reader(document, collection::messages);
  Message message;
  message.id = reader.object_id("_id");
  message.temporary_message_id = reader.text("temporaryMessageId");
  message.conversation_id = reader.text("conversationId");
  const std::int64_t sequence = reader.number("sequence");
  message.sender_id = reader.text("senderId");
  message.sender_type = reader.text("senderType");
  message.content = reader.text("content");
  message.requested_at = reader.date("sentAt");
  const base::Timestamp persisted_at = reader.date("persistedAt");
  message.set_correlation_id(reader.text("correlationId"));
  message.traceparent = tracing::valid_traceparent(reader.text_or_nothing("traceparent"));
  read_change(reader, message);
  if (sequence < 1) reader.fail("sequence", "is below 1");
  if (sequence > kSequenceMax) reader.fail("sequence", "is above 2^53 - 1");
  if (reader.ok() && message.id != derive_message_id(message.conversation_id, message.temporary_message_id)) {
    reader.fail("_id", "is not the one that its conversationId and temporaryMessageId make");
  }
  if (!reader.ok()) return reader.error();
  return Stored::from_store(std::move(message), static_cast<std::uint64_t>(sequence), persisted_at);
}

void write_conversation(Writer& out, const Conversation& conversation) {
  out.text("_id", conversation.id).text("title", conversation.title);
  out.array("participants", [&](Writer& list) {
    for (std::size_t i = 0; i < conversation.participants.size(); ++i) {
      const Participant& participant = conversation.participants[i];
      list.document(IndexName(i), [&](Writer& item) {
        item.text("id", participant.id).text("type", participant.type);
        if (participant.role != Role::member) item.text("role", to_text(participant.role));
      });
    }
  });
  out.date("createdAt", conversation.created_at);
}

base::Result<Conversation> read_conversation(const bson_t* document) {
  Reader reader(document, collection::conversations);
  Conversation conversation;
  conversation.id = reader.text("_id");
  conversation.title = reader.text("title");
  reader.documents("participants", [&](Reader& item) {
    Participant participant{.id = item.text("id"), .type = item.text("type")};
    if (const std::string role = item.text_or_nothing("role"); !role.empty()) {
      // Somebody whose role nobody knows may only read.
      participant.role = parse_role(role).value_or(Role::reader);
    }
    conversation.participants.push_back(std::move(participant));
  });
  conversation.created_at = reader.date("createdAt");
  if (!reader.ok()) return reader.error();
  return conversation;
}

void write_rejection(Writer& out, const MessageRejected& rejection, base::Timestamp at) {
  out.object_id("_id", derive_message_id(rejection.conversation_id, rejection.temporary_message_id))
      .text("conversationId", rejection.conversation_id)
      .text("temporaryMessageId", rejection.temporary_message_id)
      .text("reason", rejection.reason)
      .date("at", at);
}

base::Result<MessageRejected> read_rejection(const bson_t* document) {
  Reader reader(document, collection::rejected);
  MessageRejected rejection{.conversation_id = reader.text("conversationId"),
                            .temporary_message_id = reader.text("temporaryMessageId"),
                            .reason = reader.text("reason")};
  if (!reader.ok()) return reader.error();
  return rejection;
}

void write_letter_id(Writer& out, std::string_view name, const DeadLetterKey& key) {
  out.document(name, [&](Writer& id) {
    id.text("conversationId", key.conversation_id)
        .number("partition", key.origin.partition)
        .number("offset", key.origin.offset);
  });
}

void write_open_dead_letter(Writer& out, const OpenDeadLetter& letter) {
  write_letter_id(out, "_id", letter.key());
  out.text("conversationId", letter.conversation_id)
      .text("id", to_text(letter.origin))
      .text("lastPosition", to_text(letter.last))
      .text("temporaryMessageId", letter.temporary_message_id)
      .text("reason", to_text(letter.reason))
      .text("error", letter.error)
      .number("attempts", letter.attempts)
      .date("failedAt", letter.failed_at)
      .text("digest", letter.digest);
}

namespace {

int read_attempts(Reader& reader) {
  constexpr std::int64_t kMost = 1'000'000;
  const std::int64_t attempts = reader.number("attempts");
  if (attempts < 0 || attempts > kMost) reader.fail("attempts", "is not a number from 0 to 1000000");
  return static_cast<int>(std::clamp<std::int64_t>(attempts, 0, kMost));
}

}  // namespace

base::Result<OpenDeadLetter> read_open_dead_letter(const bson_t* document) {
  Reader reader(document, collection::dead_letters);
  const int attempts = read_attempts(reader);
  OpenDeadLetter letter{.conversation_id = reader.text("conversationId"),
                        .temporary_message_id = reader.text("temporaryMessageId"),
                        .error = reader.text("error"),
                        .attempts = attempts,
                        .failed_at = reader.date("failedAt"),
                        .digest = reader.text("digest")};
  const auto position = [&](const char* name) {
    const auto read = parse_position(reader.text(name));
    if (!read) reader.fail(name, "is no position");
    return read.value_or(Position{});
  };
  letter.origin = position("id");
  letter.last = position("lastPosition");
  const auto reason = parse_dead_reason(reader.text("reason"));
  if (!reason) reader.fail("reason", "is not known");
  if (!reader.ok()) return reader.error();
  letter.reason = *reason;
  return letter;
}

}  // namespace message_service::mongodb
