#include "pipeline/persist/sorting.h"

#include <optional>
#include <string>
#include <utility>

#include "model/validation.h"
#include "wire/event_json.h"

namespace message_service {

namespace {

std::string joined(const FieldErrors& errors) {
  std::string text;
  for (const FieldError& error : errors) {
    if (!text.empty()) text.append("; ");
    text.append(error.field).append(" ").append(error.text);
  }
  return text;
}

// Whom to tell, when the record names a conversation and a temporary id at all. Reads the record anew: few are
// rejected.
std::optional<MessageRejected> rejection_of(const LogRecord& record, const Limits& limits, const std::string& reason) {
  const auto draft = wire::read_requested(record);
  FieldErrors errors;
  const bool addressed = draft && draft->temporary_message_id &&
                         check_id("conversationId", draft->conversation_id, limits, errors) &&
                         check_id("temporaryMessageId", *draft->temporary_message_id, limits, errors);
  if (!addressed) return std::nullopt;
  return MessageRejected{draft->conversation_id, *draft->temporary_message_id, reason};
}

}  // namespace

Result<void> sort_into(Batch& batch, ConsumedRecord& consumed, const Limits& limits,
                       ConversationDirectory& conversations) {
  const Position position = consumed.position;
  const auto bury = [&](DeadReason reason, std::string error, std::optional<MessageRejected> rejection) {
    batch.dead_letters.push_back({std::move(consumed), reason, std::move(error), std::move(rejection)});
    batch.progress.advance_to(position);
    return Result<void>();
  };

  auto draft = wire::read_requested(consumed.record);
  if (!draft) return bury(DeadReason::malformed, draft.error().text, std::nullopt);
  Admission admission = admit(std::move(*draft), limits, consumed.record.timestamp);
  if (!admission.admitted) {
    const std::string error = joined(admission.errors);
    return bury(DeadReason::invalid, error, rejection_of(consumed.record, limits, error));
  }
  const auto exists = conversations.exists_now(admission.admitted->message().conversation_id);
  if (!exists) return exists.error();
  if (!*exists) {
    const std::string error = "there is no such conversation";
    return bury(DeadReason::unknown_conversation, error, rejection_of(consumed.record, limits, error));
  }
  batch.items.push_back({Appended(position, std::move(*admission.admitted)), std::move(consumed.record)});
  batch.progress.advance_to(position);
  return {};
}

}  // namespace message_service
