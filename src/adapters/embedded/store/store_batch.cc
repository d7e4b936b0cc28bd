#include "adapters/embedded/store/store_batch.h"

#include <algorithm>

#include "adapters/embedded/store/history.h"
#include "adapters/embedded/store/revocations.h"
#include "adapters/embedded/store/tables.h"
#include "adapters/embedded/topic/record_codec.h"
#include "model/canary.h"
#include "model/participation.h"
#include "wire/conversation_json.h"
#include "wire/event_json.h"
#include "wire/message_json.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::embedded {

namespace {

constexpr std::size_t kTrimRowsMax = 2000;  // of one batch

}  // namespace

StoreBatch::StoreBatch(Database& database, base::Timestamp now) : database_(database), now_(now) {
  outcome_.next_sent = database.end(Table::sent).next();
  outcome_.next_dead = database.end(Table::dead).next();
}

base::Result<std::optional<Stored>> StoreBatch::find(const ObjectIdBytes& id, MadeHere made_here) {
  if (const auto added = added_.find(id); added != added_.end()) return std::optional(added->second);
  const auto entry = find_key_entry(database_, id, made_here);
  if (!entry) return entry.error();
  if (!*entry || (*entry)->state != KeyEntry::State::stored) return std::optional<Stored>();

  auto row = database_.get(Table::messages, message_key((*entry)->conversation_id, (*entry)->sequence));
  if (!row) return row.error();
  if (!*row) return base::Error{base::ErrorCode::corrupt, "a message's key is there, but not the message"};
  auto stored = read_message_row((*entry)->conversation_id, (*entry)->sequence, **row);
  if (!stored) return stored.error();
  return std::optional(std::move(*stored));
}

base::Result<LastSequences::Last*> StoreBatch::last_in(const std::string& conversation_id) {
  auto known = outcome_.last_sequences.find(conversation_id);
  if (known == outcome_.last_sequences.end()) {
    const auto last = database_.last_in(conversation_id);
    if (!last) return last.error();
    known = outcome_.last_sequences.emplace(conversation_id, *last).first;
  }
  return &known->second;
}

base::Result<std::uint64_t> StoreBatch::next_sequence(const std::string& conversation_id) {
  const auto last = last_in(conversation_id);
  if (!last) return last.error();
  return ++(*last)->entry;
}

base::Result<std::optional<std::string>> StoreBatch::objection(const Message& message) {
  if (message.by_back_end) return std::optional<std::string>();
  const auto last = last_in(message.conversation_id);
  if (!last) return last.error();
  if ((*last)->change == 0 && !message.change) return std::optional<std::string>();
  // The accepting node knows the people with whom the conversation was made. Of a change the owner is asked for.
  const auto sender = message.change ? standing(message.conversation_id, message.sender_id)
                                     : changed_standing(message.conversation_id, message.sender_id);
  if (!sender) return sender.error();
  return objection_to(message, *sender);
}

base::Result<std::optional<Standing>> StoreBatch::changed_standing(const std::string& conversation_id,
                                                                   const std::string& person_id) {
  const auto here = standings_.find(standing_key(conversation_id, person_id));
  if (here != standings_.end()) return std::optional(here->second);
  return database_.changed_standing(conversation_id, person_id);
}

base::Result<std::optional<Standing>> StoreBatch::standing(const std::string& conversation_id,
                                                           const std::string& person_id) {
  auto changed = changed_standing(conversation_id, person_id);
  if (!changed || *changed) return changed;
  const auto json = database_.get(Table::conversations, conversation_id);
  if (!json) return json.error();
  if (!*json) return std::optional<Standing>();
  const auto conversation = wire::read_conversation(**json);
  if (!conversation) return conversation.error();
  const auto found = std::ranges::find(conversation->participants, person_id, &Participant::id);
  if (found == conversation->participants.end()) return std::optional<Standing>();
  return std::optional(Standing{.participant = *found});
}

base::Result<void> StoreBatch::apply_change(const Stored& stored) {
  const Message& message = stored.message();
  const ParticipantChange& change = *message.change;
  const auto before = standing(message.conversation_id, change.participant.id);
  if (!before) return before.error();
  Standing after = standing_after(change, *before, stored.sequence());
  std::string key = standing_key(message.conversation_id, change.participant.id);
  rows().Put(database_.table(Table::conversations), key, wire::standing_json(after));
  rows().Put(database_.table(Table::conversations), last_change_key(message.conversation_id),
             number_key(stored.sequence()));
  standings_.insert_or_assign(std::move(key), std::move(after));
  outcome_.last_sequences.at(message.conversation_id).change = stored.sequence();
  return {};
}

void StoreBatch::put(const Stored& stored, bool new_id) {
  const Message& message = stored.message();
  const ObjectIdBytes& id = stored.id();
  const std::size_t start = row_bytes_.size();
  append_message_key(row_bytes_, message.conversation_id, stored.sequence());
  const std::size_t value_start = row_bytes_.size();
  wire::append_stored_json(row_bytes_, stored);
  messages_.push_back({start, value_start - start, row_bytes_.size() - value_start});
  std::string& row = new_id ? shared_keys_[std::string(shared_row_of(id))] : own_key_row(id);
  append_stored_entry(row, id, message.conversation_id, stored.sequence());
  added_.emplace(id, stored);
}

void StoreBatch::announce(const Stored& stored) {
  if (is_canary(stored.message().conversation_id)) return announce_elsewhere(stored);
  references_.add(stored.message().conversation_id, stored.sequence(), stored.message().traceparent);
  ++outcome_.next_sent;
}

void StoreBatch::put_references() {
  if (references_.empty()) return;
  rows().Put(database_.table(Table::sent), number_key(static_cast<std::uint64_t>(outcome_.next_sent - 1)),
             references_.bytes());
  references_ = {};
}

void StoreBatch::announce_elsewhere(const Stored& stored) {
  put_references();
  const Message& message = stored.message();
  rows().Put(database_.table(Table::sent), number_key(static_cast<std::uint64_t>(outcome_.next_sent++)),
             encode_sent_message(message.conversation_id, message.traceparent, wire::stored_json(stored)));
}

void StoreBatch::add_dead_letter(const DeadLetter& letter) {
  rows().Put(database_.table(Table::dead), number_key(static_cast<std::uint64_t>(outcome_.next_dead++)),
             encode_record(wire::dead_letter_record(letter, now_)));
}

void StoreBatch::open(const OpenDeadLetter& letter) {
  rows().Put(database_.table(Table::open_dead_letters), open_dead_letter_key(letter.conversation_id, letter.origin),
             wire::open_dead_letter_json(letter));
}

void StoreBatch::close(const OpenDeadLetter& letter) {
  rows().Delete(database_.table(Table::open_dead_letters), open_dead_letter_key(letter.conversation_id, letter.origin));
}

base::Result<std::optional<std::int64_t>> StoreBatch::applied(std::int32_t partition) {
  auto bytes = database_.get(Table::meta, applied_key(partition));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<std::int64_t>();
  return std::optional(static_cast<std::int64_t>(read_number(**bytes)));
}

void StoreBatch::apply(const Position& position) {
  rows().Put(database_.table(Table::meta), applied_key(position.partition),
             number_key(static_cast<std::uint64_t>(position.offset)));
}

base::Result<void> StoreBatch::reject(const MessageRejected& rejection) {
  const auto& [conversation_id, temporary_message_id, reason] = rejection;
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  const auto stored = find(id, made_here(temporary_message_id));
  // A taken key keeps its message, also an unreadable one. Any other key remembers why it has none.
  if (!stored && stored.error().code == base::ErrorCode::corrupt) return {};
  if (!stored) return stored.error();
  if (*stored) return {};
  append_rejected_entry(own_key_row(id), id, conversation_id, temporary_message_id, reason);
  return {};
}

void StoreBatch::commit(const Progress& progress) {
  for (const Position& last : progress.last()) {  // the embedded log has one partition
    outcome_.committed = last.offset + 1;
    rows().Put(database_.table(Table::meta), std::string(kCommittedOffset),
               number_key(static_cast<std::uint64_t>(*outcome_.committed)));
  }
}

std::string& StoreBatch::own_key_row(const ObjectIdBytes& id) {
  std::string& row = keys_[std::string(bytes_of(id))];
  row.clear();
  return row;
}

void StoreBatch::put_messages() {
  std::ranges::sort(messages_, {}, [this](const Row& row) { return key_of(row); });
  for (const Row& row : messages_) rows().Put(database_.table(Table::messages), key_of(row), value_of(row));
}

void StoreBatch::put_keys() {
  for (const auto& [row, entry] : keys_) rows().Put(database_.table(Table::keys), row, entry);
  for (const auto& [row, entries] : shared_keys_) rows().Merge(database_.table(Table::keys), row, entries);
}

void StoreBatch::create(const Conversation& conversation) {
  rows().Put(database_.table(Table::conversations), conversation.id, wire::conversation_json(conversation));
}

void StoreBatch::name(std::string_view row, const std::string& id) {
  rows().Put(database_.table(Table::meta), std::string(row), id);
}

base::Result<void> StoreBatch::revoke(const Revocation& revocation) {
  const auto kept = read_revocations(database_);
  if (!kept) return kept.error();
  const auto table = database_.table(Table::meta);
  Revocation latest = revocation;
  for (const Revocation& one : *kept) {
    if (one.kept_until < now_) rows().Delete(table, revocation_key(one.subject));
    if (one.subject == latest.subject && one.issued_before > latest.issued_before) latest = one;
  }
  std::string times;
  append_number(times, static_cast<std::uint64_t>(latest.issued_before));
  append_number(times, static_cast<std::uint64_t>(latest.kept_until));
  rows().Put(table, revocation_key(latest.subject), times);
  return {};
}

// A key of the canary has a row of its own, because the canary names its messages itself.
base::Result<std::uint64_t> StoreBatch::trim_canary(std::size_t rows_max, std::uint64_t begin) {
  const std::string id(kCanaryConversation);
  const auto last = database_.last_sequence(id);
  if (!last) return last.error();
  if (*last <= rows_max) return begin;
  const std::uint64_t end = *last - rows_max + 1;  // an embedded store leaves out no sequence
  const std::string end_key = message_key(id, end);
  const rocksdb::Slice end_slice(end_key);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_slice;
  const auto table = database_.table(Table::messages);
  const std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator(options, table));
  std::size_t deleted = 0;
  for (at->Seek(message_key(id, begin)); at->Valid(); at->Next()) {
    const std::uint64_t sequence = read_number(at->key().ToStringView().substr(id.size() + 1));
    if (deleted++ == kTrimRowsMax) return sequence;
    const auto stored = read_message_row(id, sequence, at->value().ToStringView());
    if (stored) rows().Delete(database_.table(Table::keys), bytes_of(stored->id()));
    rows().Delete(table, at->key());
  }
  if (!at->status().ok()) return to_error(at->status(), "trim the canary's messages");
  return end;
}

StoreBatch::Outcome StoreBatch::finish() {
  put_messages();
  put_keys();
  put_references();
  return std::move(outcome_);
}

}  // namespace message_service::embedded
