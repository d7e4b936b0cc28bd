#include "pipeline/persist/record_classifier.h"

#include <utility>
#include <variant>

#include "logging/logging.h"
#include "model/validation.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service {

namespace {

constexpr const char* kDiscardedText = "an operator has discarded it";
constexpr const char* kNoVersionText =
    "its header requires-version must be a number up to the highest version that the service's nodes may write";

std::string joined(const FieldErrors& errors) {
  std::string text;
  for (const FieldError& error : errors) {
    if (!text.empty()) text.append("; ");
    text.append(error.field).append(" ").append(error.text);
  }
  return text;
}

// The ids that the record names, where they could be ids at all.
struct Address {
  std::string conversation_id;
  std::string temporary_message_id;
};

Address address_of(const base::Result<Draft>& draft, const Limits& limits) {
  Address address;
  FieldErrors errors;
  if (!draft || !check_id("conversationId", draft->conversation_id, limits, errors)) return address;
  address.conversation_id = draft->conversation_id;
  const auto& temporary_id = draft->temporary_message_id;
  if (temporary_id && check_id("temporaryMessageId", *temporary_id, limits, errors)) {
    address.temporary_message_id = *temporary_id;
  }
  return address;
}

// Few callers need the record of a message that this process made.
void make_record(ConsumedRecord& consumed) {
  if (consumed.message) wire::write_requested_record(consumed.message->message(), consumed.record);
}

}  // namespace

// The class of a record: a message, a message that belongs into another partition, or a dead letter.
struct RecordClassifier::Classification {
  std::shared_ptr<const Admitted> admitted;
  std::optional<std::int32_t> partition{};    // set when the record is to be moved there
  DeadReason reason = DeadReason::malformed;  // this and the text for a dead letter only
  std::string error{};
};

// Any program that may write to the log may name any version. Only a version that the nodes of this service were
// allowed to write stops a partition. Any other version is a stranger's, and its record is a dead letter.
base::Result<RecordClassifier::Readable> RecordClassifier::readable(const LogRecord& record) const {
  const auto version = required_version(record);
  if (!version) return Readable::never;
  if (*version <= versions_.reads) return Readable::yes;
  const auto allowed = versions_.allowed();
  if (!allowed) return allowed.error();
  return *version <= *allowed ? Readable::by_a_newer_program : Readable::never;
}

base::Result<Classified> RecordClassifier::classify_into(Batch& batch, ConsumedRecord& consumed) {
  const auto can_read = readable(consumed.record);
  if (!can_read) return can_read.error();
  if (*can_read == Readable::by_a_newer_program) return Classified::needs_newer_program;
  if (*can_read == Readable::yes) {
    if (const auto key = wire::read_discard(consumed.record)) {
      if (auto discarded = discard(batch, consumed, *key); !discarded) return discarded.error();
      return Classified::taken;
    }
  }
  auto before = attempt_before(consumed);
  if (!before) return before.error();
  auto classification = classification_of(consumed, *can_read, *before);
  if (!classification) return classification.error();
  batch.progress.advance_to(consumed.position);
  if (!classification->admitted) {
    add_dead_letter(batch, consumed, std::move(*classification), *before);
    return Classified::taken;
  }
  if (classification->partition) {
    move(batch, consumed, classification->admitted->message(), *classification->partition);
    return Classified::taken;
  }
  if (*before) open_dead_letters_.close((*before)->key());
  batch.items.push_back({.message = Appended(consumed.position, classification->admitted),
                         .source = std::nullopt,
                         .retry_of = std::move(*before),
                         .new_id = consumed.message && !consumed.message->key_from_client()});
  if (!consumed.message) {
    batch.items.back().moved_from = wire::read_moved_from(consumed.record);
    batch.items.back().source = std::move(consumed.record);
  }
  return Classified::taken;
}

// An open letter stays open: the record that is appended again closes it, or fails once more.
void RecordClassifier::move(Batch& batch, ConsumedRecord& consumed, const Message& message, std::int32_t partition) {
  batch.moved.push_back({.partition = partition,
                         .source = std::move(consumed),
                         .conversation_id = message.conversation_id,
                         .temporary_message_id = message.temporary_message_id});
}

void RecordClassifier::add_dead_letter(Batch& batch, ConsumedRecord& consumed, Classification classification,
                                       const std::optional<OpenDeadLetter>& before) {
  make_record(consumed);
  const Address address = address_of(wire::read_requested(consumed.record), limits_);  // again: dead letters are few
  const Position here = consumed.position;
  DeadLetter letter{.source = std::move(consumed),
                    .reason = classification.reason,
                    .error = std::move(classification.error),
                    .rejection = {},
                    .conversation_id = address.conversation_id,
                    .temporary_message_id = address.temporary_message_id};
  const bool tried = letter.reason != DeadReason::parked;
  letter.attempts = tried ? 1 : 0;
  if (before) {
    letter.first_position = before->origin;
    if (before->last == here) {
      letter.attempts = before->attempts;
    } else if (before->origin != here) {
      letter.attempts += before->attempts;
    }
  }
  if (tried && !address.temporary_message_id.empty()) {
    letter.rejection = MessageRejected{address.conversation_id, address.temporary_message_id, letter.error};
  }
  open_dead_letters_.open(open_dead_letter_of(letter, 0));
  batch.dead_letters.push_back(std::move(letter));
}

// The open letter of which this record is a further attempt, or the first one, read again after a crash. None when
// there is no such letter, and then the record's header counts for nothing.
base::Result<std::optional<OpenDeadLetter>> RecordClassifier::attempt_before(ConsumedRecord& consumed) {
  if (!open_dead_letters_.any()) return std::optional<OpenDeadLetter>();
  make_record(consumed);
  const auto [conversation_id, temporary_id] = address_of(wire::read_requested(consumed.record), limits_);
  const Position here = consumed.position;
  const auto claimed = wire::read_retry_of(consumed.record);
  const Position appended = wire::read_moved_from(consumed.record).value_or(here);
  const bool possible = claimed && claimed->partition == appended.partition && claimed->offset < appended.offset;
  if (possible) {
    auto letter = open_dead_letters_.find({conversation_id, *claimed});
    if (!letter || (*letter && (*letter)->digest == digest_of(consumed.record))) return letter;
  }
  auto letter = open_dead_letters_.find({conversation_id, here});
  // A log that was made again holds another record at that position.
  if (letter && *letter && (*letter)->digest != digest_of(consumed.record)) return std::optional<OpenDeadLetter>();
  return letter;
}

base::Result<RecordClassifier::Classification> RecordClassifier::classification_of(
    const ConsumedRecord& consumed, Readable readable, const std::optional<OpenDeadLetter>& before) {
  const auto dead = [](DeadReason reason, std::string error) {
    return Classification{.admitted = {}, .reason = reason, .error = std::move(error)};
  };
  // This was decided before a crash; a decision that others have heard must stay.
  if (before && before->last == consumed.position) return dead(before->reason, before->error);
  if (readable == Readable::never) return dead(DeadReason::malformed, kNoVersionText);

  std::shared_ptr<const Admitted> admitted = consumed.message;
  if (!admitted) {
    auto draft = wire::read_requested(consumed.record);
    if (!draft) return dead(DeadReason::malformed, draft.error().text);
    Admission admission = admit(std::move(*draft), limits_, base::wall_now());
    if (!admission.admitted) return dead(DeadReason::invalid, joined(admission.errors));
    admitted = std::make_shared<const Admitted>(std::move(*admission.admitted));
  }
  const Message& message = admitted->message();
  // Before all checks whose answer may change: a record that waits for its conversation, or for a store, waits in its
  // own partition.
  const auto partition = log_.partition_of(message.conversation_id);
  if (!partition) return partition.error();
  if (*partition != consumed.position.partition)
    return Classification{.admitted = std::move(admitted), .partition = *partition};
  const auto exists = conversations_.exists_for_certain(message.conversation_id);
  if (!exists) return exists.error();
  if (!*exists) return dead(DeadReason::unknown_conversation, "there is no such conversation");
  const auto waits = open_dead_letters_.holds_up(message.conversation_id, before ? before->origin : consumed.position);
  if (!waits) return waits.error();
  if (*waits) {
    const auto stored = is_stored(message);
    if (!stored) return stored.error();
    if (!*stored) return dead(DeadReason::parked, kParkedText);
  }
  return Classification{.admitted = std::move(admitted)};
}

// A message that is stored already waits for no other: a client has sent it twice, or a crash has repeated it.
base::Result<bool> RecordClassifier::is_stored(const Message& message) {
  auto found = store_.find_by_temporary_id(message.conversation_id, message.temporary_message_id);
  if (!found && found.error().code == base::ErrorCode::corrupt)
    return false;  // unknown, so the message waits like the others
  if (!found) return found.error();
  const auto* row = std::get_if<StoredRow>(&*found);
  if (row == nullptr) return false;
  auto stored = wire::read_stored(row->json);
  if (!stored) return stored.error();
  return message.repeats(stored->message());
}

base::Result<void> RecordClassifier::discard(Batch& batch, ConsumedRecord& consumed, const DeadLetterKey& key) {
  auto letter = open_dead_letters_.find(key);
  if (!letter) return letter.error();
  const Position position = consumed.position;
  batch.progress.advance_to(position);
  if (!*letter || position <= key.origin || position.partition != key.origin.partition) {
    logging::info("A dead letter that is not open was to be discarded", {{"letter", to_text(key.origin)}});
    return {};
  }
  open_dead_letters_.close(key);
  const bool told = (*letter)->reason != DeadReason::parked || (*letter)->temporary_message_id.empty();
  if (!told) {
    batch.dead_letters.push_back(
        {.source = std::move(consumed),
         .reason = DeadReason::discarded,
         .error = kDiscardedText,
         .rejection = MessageRejected{key.conversation_id, (*letter)->temporary_message_id, kDiscardedText},
         .conversation_id = key.conversation_id,
         .temporary_message_id = (*letter)->temporary_message_id,
         .first_position = key.origin,
         .attempts = (*letter)->attempts});
  }
  batch.discarded.push_back(std::move(**letter));
  return {};
}

}  // namespace message_service
