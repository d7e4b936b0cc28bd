#include "model/message.h"

#include <algorithm>

#include "base/utf8.h"
#include "model/validation.h"

namespace message_service {

namespace {

// A field whose type was wrong has its error already; saying "is missing" as well would mislead.
bool has_error(const FieldErrors& errors, std::string_view field) {
  return std::ranges::any_of(errors, [&](const FieldError& error) { return error.field == field; });
}

bool present(const std::optional<std::string>& value, std::string_view field, FieldErrors& errors) {
  if (value) return true;
  if (!has_error(errors, field)) errors.push_back({std::string(field), "is missing"});
  return false;
}

void check_content(const std::string& content, const Limits& limits, FieldErrors& errors) {
  std::string text;
  if (content.empty()) {
    text = "must not be empty";
  } else if (content.size() > limits.content_bytes_max) {
    text = "is " + std::to_string(content.size()) + " bytes long; at most " + std::to_string(limits.content_bytes_max) +
           " are allowed";
  } else if (!base::is_valid_utf8(content)) {
    text = "must be well-formed UTF-8";
  } else {
    return;
  }
  errors.push_back({"content", std::move(text)});
}

void check_keys(const Draft& draft, const Limits& limits, FieldErrors& errors) {
  const auto& field = draft.temporary_message_id;
  const auto& header = draft.idempotency_key;
  if (field) check_id("temporaryMessageId", *field, limits, errors);
  if (header) check_id("Idempotency-Key", *header, limits, errors);
  if (field && header && *field != *header) {
    errors.push_back({"temporaryMessageId", "differs from the Idempotency-Key header; give one, or the same in both"});
  }
}

// A program that makes a change need not have a type.
void check_change(Draft& draft, const Limits& limits, FieldErrors& errors) {
  if (!draft.sender_type) draft.sender_type.emplace();
  if (!draft.sender_type->empty()) check_sender_type("senderType", *draft.sender_type, limits, errors);
  draft.content.emplace();
  ParticipantChange change = *draft.change;
  check_id("id", change.participant.id, limits, errors);
  if (change.kind == ParticipantChange::Kind::set) {
    check_sender_type("type", change.participant.type, limits, errors);
  } else {
    change.participant = {.id = std::move(change.participant.id), .type = {}};
  }
  draft.change = std::make_shared<const ParticipantChange>(std::move(change));
}

void check_written(Draft& draft, const Limits& limits, FieldErrors& errors) {
  if (present(draft.sender_type, "senderType", errors)) {
    check_sender_type("senderType", *draft.sender_type, limits, errors);
  }
  if (present(draft.content, "content", errors)) check_content(*draft.content, limits, errors);
}

}  // namespace

Admission Admission::of(Draft&& draft, const Limits& limits, base::Timestamp now) {
  Admission admission{.admitted = std::nullopt, .errors = std::move(draft.errors)};
  FieldErrors& errors = admission.errors;

  check_id("conversationId", draft.conversation_id, limits, errors);
  check_keys(draft, limits, errors);
  if (present(draft.sender_id, "senderId", errors)) check_id("senderId", *draft.sender_id, limits, errors);
  draft.change ? check_change(draft, limits, errors) : check_written(draft, limits, errors);
  if (!draft.correlation_id.empty()) check_id("X-Correlation-ID", draft.correlation_id, limits, errors);
  if (!errors.empty()) return admission;

  const bool key_from_client = draft.temporary_message_id || draft.idempotency_key;
  Message message;
  if (draft.temporary_message_id) {
    message.temporary_message_id = std::move(*draft.temporary_message_id);
  } else {
    message.temporary_message_id = draft.idempotency_key ? std::move(*draft.idempotency_key) : make_uuid_v7(now);
  }
  message.conversation_id = std::move(draft.conversation_id);
  message.sender_id = std::move(*draft.sender_id);
  message.sender_type = std::move(*draft.sender_type);
  message.content = std::move(*draft.content);
  message.requested_at = draft.requested_at.value_or(now);
  message.set_correlation_id(std::move(draft.correlation_id));
  message.traceparent = std::move(draft.traceparent);
  message.change = std::move(draft.change);
  message.by_back_end = draft.by_back_end;
  message.id = derive_message_id(message.conversation_id, message.temporary_message_id);
  admission.admitted = Admitted(std::move(message), key_from_client);
  return admission;
}

}  // namespace message_service
