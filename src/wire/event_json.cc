#include "wire/event_json.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "model/record_bytes.h"
#include "model/record_version.h"
#include "tracing/trace_context.h"
#include "wire/json_reader.h"
#include "wire/message_json.h"
#include "wire/string_fields.h"

namespace message_service::wire {

namespace {

constexpr std::string_view kChangedEvent = "ParticipantsChanged";
constexpr std::string_view kChangeRequestedEvent = "ParticipantsChangeRequestedEvent";
constexpr std::string_view kReferenceEvent = "DeadLetterReference";
constexpr std::string_view kDiscardedEvent = "DeadLetterDiscardedEvent";

constexpr std::size_t kRejectionTextMax = std::size_t{64} << 10;

// Says that the sender need not take part in the conversation.
constexpr std::string_view kAuthority = "authority";
constexpr std::string_view kBackEnd = "back-end";

constexpr std::string_view kSourcePartition = "source-partition";
constexpr std::string_view kSourceOffset = "source-offset";
constexpr std::string_view kReference = "reference";   // a position
constexpr std::string_view kMovedFrom = "moved-from";  // a position
constexpr std::string_view kRejectedConversation = "rejected-conversation-id";
constexpr std::string_view kRejectedTemporaryId = "rejected-temporary-message-id";

// The headers that the dead-letter queue adds to a record. It removes such headers that a record has of its own:
// readers of the topic must be able to believe them.
constexpr std::array<std::string_view, 10> kOwnHeaders{"reason",
                                                       "error",
                                                       kSourcePartition,
                                                       kSourceOffset,
                                                       "failed-at",
                                                       "attempts",
                                                       kRejectedConversation,
                                                       kRejectedTemporaryId,
                                                       kReference,
                                                       header_name::retry_of};

void remove_own_headers(LogRecord& record) {
  std::erase_if(record.headers, [](const Header& header) {
    return std::ranges::find(kOwnHeaders, std::string_view(header.name)) != kOwnHeaders.end();
  });
}

void write_trace_headers(const Message& message, std::vector<Header>& headers) {
  headers.resize(message.traceparent.empty() ? 1 : 2);
  headers[0].name = header_name::correlation_id;
  headers[0].value = message.correlation_id();
  if (message.traceparent.empty()) return;
  headers[1].name = header_name::traceparent;
  headers[1].value = message.traceparent;
}

void write_change(const Message& message, std::string& out) {
  const auto& [kind, participant] = *message.change;
  base::JsonObjectWriter writer(out);
  writer.string("eventType", kChangeRequestedEvent)
      .string("temporaryMessageId", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("action", to_text(kind))
      .string("participantId", participant.id);
  if (kind == ParticipantChange::Kind::set) {
    writer.string("participantType", participant.type).string("participantRole", to_text(participant.role));
  }
  writer.time("requestedAt", message.requested_at).string("correlationId", message.correlation_id()).close();
}

// In a pass of its own, for changes are few.
std::shared_ptr<const ParticipantChange> read_change(std::string_view text, FieldErrors& errors) {
  using Kind = ParticipantChange::Kind;
  std::optional<std::string> its_action;
  std::optional<std::string> id;
  std::optional<std::string> type;
  std::optional<std::string> its_role;
  const std::array<StringField, 4> fields{
      {{"action", its_action}, {"participantId", id}, {"participantType", type}, {"participantRole", its_role}}};
  if (!read_string_fields(text, fields, errors)) return nullptr;
  const std::string action = std::move(its_action).value_or("");
  if (action != to_text(Kind::set) && action != to_text(Kind::remove)) {
    errors.push_back({"action", "must be set or remove"});
  }
  const auto role = its_role ? parse_role(*its_role) : Role::member;
  if (!role) errors.push_back({"participantRole", "must be owner, member or reader"});
  ParticipantChange change{
      .kind = action == to_text(Kind::remove) ? Kind::remove : Kind::set,
      .participant = {
          .id = std::move(id).value_or(""), .type = std::move(type).value_or(""), .role = role.value_or(Role::member)}};
  return std::make_shared<const ParticipantChange>(std::move(change));
}

base::Error wrong_event(std::string_view expected) {
  return {base::ErrorCode::invalid, "eventType must be " + std::string(expected)};
}

base::Result<void> check_event_type(const boost::json::object& object, std::string_view expected) {
  FieldErrors errors;
  const auto type = string_field(object, "eventType", errors);
  if (!errors.empty() || (type && *type != expected)) {
    return wrong_event(expected);
  }
  return {};
}

}  // namespace

LogRecord requested_record(const Message& message) {
  LogRecord record;
  record.value.reserve(384 + message.content.size());
  write_requested_record(message, record);
  return record;
}

void write_requested_record(const Message& message, LogRecord& record) {
  record.key = message.conversation_id;
  write_trace_headers(message, record.headers);
  if (message.by_back_end) record.headers.push_back({std::string(kAuthority), std::string(kBackEnd)});
  record.timestamp = message.requested_at;
  record.value.clear();
  if (message.change) {
    record.headers.push_back(requires_version_header(kVersionOfChanges));
    return write_change(message, record.value);
  }
  base::JsonObjectWriter(record.value)
      .string("eventType", kRequestedTopic)
      .string("temporaryMessageId", message.temporary_message_id)
      .string("conversationId", message.conversation_id)
      .string("senderId", message.sender_id)
      .string("senderType", message.sender_type)
      .string("content", message.content)
      .time("requestedAt", message.requested_at)
      .string("correlationId", message.correlation_id())
      .close();
}

LogRecord source_record(const std::optional<LogRecord>& kept, const Message& message) {
  return kept ? *kept : requested_record(message);
}

// Makes no tree of the values: another program's record may be large, and most of it of no use here.
base::Result<Draft> read_requested(const LogRecord& record) {
  Draft draft;
  std::optional<std::string> type;
  std::optional<std::string> conversation_id;
  std::optional<std::string> requested_at;
  std::optional<std::string> correlation_id;
  const std::array<StringField, 8> fields{{{"eventType", type},
                                           {"conversationId", conversation_id},
                                           {"temporaryMessageId", draft.temporary_message_id},
                                           {"senderId", draft.sender_id},
                                           {"senderType", draft.sender_type},
                                           {"content", draft.content},
                                           {"requestedAt", requested_at},
                                           {"correlationId", correlation_id}}};
  if (auto read = read_string_fields(record.value, fields, draft.errors); !read) return read.error();
  const bool no_text = !draft.errors.empty() && draft.errors.front().field == "eventType";
  const bool changes = type && *type == kChangeRequestedEvent;
  if (no_text || (type && !changes && *type != kRequestedTopic)) return wrong_event(kRequestedTopic);
  if (changes) draft.change = read_change(record.value, draft.errors);
  draft.by_back_end = header_value(record, kAuthority) == kBackEnd;

  draft.conversation_id = std::move(conversation_id).value_or("");
  draft.correlation_id = std::move(correlation_id).value_or("");
  if (requested_at) {
    draft.requested_at = base::parse_timestamp(*requested_at);
    if (!draft.requested_at) draft.errors.push_back(no_time("requestedAt"));
  } else if (record.timestamp >= 0 && record.timestamp <= base::kTimestampMax) {
    draft.requested_at = record.timestamp;  // Kafka takes any number there, and -1 stands for none
  }
  draft.traceparent = tracing::valid_traceparent(header_value(record, header_name::traceparent));
  // Without an id of its own a record could not be distinguished from its replay.
  if (!draft.temporary_message_id && draft.errors.empty()) draft.errors.push_back({"temporaryMessageId", "is missing"});
  return draft;
}

LogRecord sent_record(const Stored& stored, std::string_view stored_json) {
  const Message& message = stored.message();
  LogRecord record{.key = message.conversation_id, .value = {}, .headers = {}, .timestamp = stored.persisted_at()};
  write_trace_headers(message, record.headers);
  if (message.change) record.headers.push_back(requires_version_header(kVersionOfChanges));
  record.value.reserve(320 + stored_json.size());
  base::JsonObjectWriter(record.value)
      .string("eventType", message.change ? kChangedEvent : kSentTopic)
      .hex("messageId", stored.id())
      .string("conversationId", message.conversation_id)
      .string("temporaryMessageId", message.temporary_message_id)
      .number("sequence", stored.sequence())
      .raw("messageData", stored_json)
      .string("correlationId", message.correlation_id())
      .time("sentAt", stored.persisted_at())
      .close();
  return record;
}

base::Result<MessageSent> read_sent(const LogRecord& record) {
  if (required_version(record).value_or(kRecordVersionMax) > kRecordVersion) {
    return base::Error{base::ErrorCode::invalid, "it needs a newer program"};
  }
  Document document;
  if (auto parsed = document.parse(record.value); !parsed) return parsed.error();
  const auto& object = document.object();
  if (!check_event_type(object, kSentTopic) && !check_event_type(object, kChangedEvent)) return wrong_event(kSentTopic);
  const auto* data = find_member(object, "messageData");
  if (data == nullptr) return base::Error{base::ErrorCode::invalid, "messageData is missing"};
  const auto traceparent = tracing::valid_traceparent(header_value(record, header_name::traceparent));
  auto stored = read_stored(boost::json::serialize(*data), traceparent);
  if (!stored) return stored.error();
  return MessageSent(std::move(*stored));
}

namespace {

void write_own_headers(const DeadLetter& letter, base::Timestamp failed_at, LogRecord& record) {
  const auto add = [&](std::string_view name, std::string_view value) {
    record.headers.push_back({std::string(name), std::string(value)});
  };
  add("reason", to_text(letter.reason));
  add("error", letter.error);
  add(kSourcePartition, std::to_string(letter.origin().partition));
  add(kSourceOffset, std::to_string(letter.origin().offset));
  add("failed-at", base::format_timestamp(failed_at));
  add("attempts", std::to_string(letter.attempts));
  if (letter.rejection) {
    add(kRejectedConversation, letter.rejection->conversation_id);
    add(kRejectedTemporaryId, letter.rejection->temporary_message_id);
  }
  record.timestamp = failed_at;
}

}  // namespace

LogRecord dead_letter_record(const DeadLetter& letter, base::Timestamp failed_at) {
  LogRecord record = letter.source.record;
  remove_own_headers(record);
  write_own_headers(letter, failed_at, record);
  return record;
}

LogRecord dead_letter_reference(const DeadLetter& letter, base::Timestamp failed_at) {
  const auto& [position, source, message] = letter.source;
  LogRecord record{.key = letter.conversation_id, .value = {}, .headers = {}, .timestamp = failed_at};
  base::JsonObjectWriter(record.value)
      .string("eventType", kReferenceEvent)
      .string("text", "The record is too large for this topic. It lies in the log for as long as the log keeps it.")
      .string("topic", kRequestedTopic)
      .number("partition", static_cast<std::uint64_t>(position.partition))
      .number("offset", static_cast<std::uint64_t>(position.offset))
      .number("bytes", bytes_of(source))
      .close();
  write_own_headers(letter, failed_at, record);
  record.headers.push_back({std::string(kReference), to_text(position)});
  return record;
}

std::optional<Position> read_reference(const LogRecord& dead) { return parse_position(header_value(dead, kReference)); }

std::optional<Position> read_origin(const LogRecord& dead) {
  std::string text(header_value(dead, kSourcePartition));
  return parse_position(text.append("/").append(header_value(dead, kSourceOffset)));
}

LogRecord retry_record(const LogRecord& dead, Position origin) {
  LogRecord record = dead;
  remove_own_headers(record);
  record.headers.push_back({std::string(header_name::retry_of), to_text(origin)});
  return record;
}

std::optional<Position> read_retry_of(const LogRecord& record) {
  return parse_position(header_value(record, header_name::retry_of));
}

void note_moved_from(LogRecord& record, Position from) {
  std::erase_if(record.headers, [](const Header& header) { return header.name == kMovedFrom; });
  record.headers.push_back({std::string(kMovedFrom), to_text(from)});
}

std::optional<Position> read_moved_from(const LogRecord& record) {
  return parse_position(header_value(record, kMovedFrom));
}

LogRecord discard_record(const DeadLetterKey& letter, base::Timestamp now) {
  LogRecord record{.key = letter.conversation_id,
                   .value = {},
                   .headers = {{std::string(header_name::discard_of), to_text(letter.origin)}},
                   .timestamp = now};
  base::JsonObjectWriter(record.value)
      .string("eventType", kDiscardedEvent)
      .string("conversationId", letter.conversation_id)
      .time("discardedAt", now)
      .close();
  return record;
}

std::optional<DeadLetterKey> read_discard(const LogRecord& record) {
  const auto origin = parse_position(header_value(record, header_name::discard_of));
  if (!origin) return std::nullopt;
  Document document;
  if (!document.parse(record.value) || !check_event_type(document.object(), kDiscardedEvent)) return std::nullopt;
  FieldErrors errors;
  auto conversation_id = string_field(document.object(), "conversationId", errors);
  if (!conversation_id || find_member(document.object(), "eventType") == nullptr) return std::nullopt;
  return DeadLetterKey{std::move(*conversation_id), *origin};
}

std::optional<MessageRejected> read_rejection(const LogRecord& record) {
  MessageRejected rejected{.conversation_id = std::string(header_value(record, kRejectedConversation)),
                           .temporary_message_id = std::string(header_value(record, kRejectedTemporaryId)),
                           .reason = std::string(header_value(record, "error"))};
  if (rejected.conversation_id.empty()) return std::nullopt;
  for (const std::string* text : {&rejected.conversation_id, &rejected.temporary_message_id, &rejected.reason}) {
    if (text->size() > kRejectionTextMax || !base::is_valid_utf8(*text)) return std::nullopt;
  }
  return rejected;
}

std::string changed_json(const Stored& stored) {
  const Message& message = stored.message();
  std::string by;
  base::JsonObjectWriter(by).string("id", message.sender_id).string("type", message.sender_type).close();
  std::string out;
  base::JsonObjectWriter(out)
      .string("conversationId", message.conversation_id)
      .number("sequence", stored.sequence())
      .raw("change", change_json(*message.change))
      .raw("by", by)
      .time("changedAt", stored.persisted_at())
      .close();
  return out;
}

std::string rejected_json(const MessageRejected& rejected) {
  std::string out;
  base::JsonObjectWriter(out)
      .string("temporaryMessageId", rejected.temporary_message_id)
      .string("conversationId", rejected.conversation_id)
      .string("reason", rejected.reason)
      .close();
  return out;
}

}  // namespace message_service::wire
