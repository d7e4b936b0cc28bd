#include "adapters/embedded/store_batch.h"

#include "adapters/embedded/codec.h"
#include "adapters/embedded/tables.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

StoreBatch::StoreBatch(Database& database, Timestamp now)
    : database_(database),
      now_(now),
      next_sent_(database.end(Table::sent).next()),
      next_dead_(database.end(Table::dead).next()) {}

Result<std::optional<Stored>> StoreBatch::find(const std::string& conversation_id,
                                               const std::string& temporary_message_id) {
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  if (const auto added = added_.find(std::string(bytes_of(id))); added != added_.end()) {
    return std::optional(added->second);
  }
  auto bytes = database_.get(Table::keys, bytes_of(id));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<Stored>();
  auto entry = decode_key_entry(**bytes);
  if (!entry) return entry.error();
  if (entry->state != KeyEntry::State::stored) return std::optional<Stored>();

  auto row = database_.get(Table::messages, message_key(entry->conversation_id, entry->sequence));
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "a message's key is there, but not the message"};
  auto stored = wire::read_stored(**row);
  if (!stored) return stored.error();
  return std::optional(std::move(*stored));
}

Result<std::uint64_t> StoreBatch::next_sequence(const std::string& conversation_id) {
  auto known = last_sequences_.find(conversation_id);
  if (known == last_sequences_.end()) {
    auto bytes = database_.get(Table::sequences, conversation_id);
    if (!bytes) return bytes.error();
    known = last_sequences_.emplace(conversation_id, *bytes ? read_number(**bytes) : 0).first;
  }
  return ++known->second;
}

void StoreBatch::put(const Stored& stored) {
  const Message& message = stored.message();
  const std::string json = wire::stored_json(stored);
  const ObjectIdBytes id = stored.id();
  const KeyEntry entry{.state = KeyEntry::State::stored,
                       .sequence = stored.sequence(),
                       .conversation_id = message.conversation_id,
                       .temporary_message_id = message.temporary_message_id,
                       .reason = {}};
  batch_.Put(database_.table(Table::messages), message_key(message.conversation_id, stored.sequence()), json);
  batch_.Put(database_.table(Table::keys), rocksdb::Slice(bytes_of(id).data(), id.size()), encode_key_entry(entry));
  batch_.Put(database_.table(Table::sent), number_key(static_cast<std::uint64_t>(next_sent_++)),
             encode_record(wire::sent_record(stored, json)));
  added_.emplace(bytes_of(id), stored);
}

Result<void> StoreBatch::add(const DeadLetter& letter) {
  batch_.Put(database_.table(Table::dead), number_key(static_cast<std::uint64_t>(next_dead_++)),
             encode_record(wire::dead_letter_record(letter, now_, 1)));
  if (!letter.rejection) return {};
  const auto& [conversation_id, temporary_message_id, reason] = *letter.rejection;
  const auto stored = find(conversation_id, temporary_message_id);
  if (!stored) return stored.error();
  if (*stored) return {};  // a key that is taken keeps its message; any other remembers why it has none
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  const KeyEntry entry{.state = KeyEntry::State::rejected,
                       .sequence = 0,
                       .conversation_id = conversation_id,
                       .temporary_message_id = temporary_message_id,
                       .reason = reason};
  batch_.Put(database_.table(Table::keys), rocksdb::Slice(bytes_of(id).data(), id.size()), encode_key_entry(entry));
  return {};
}

void StoreBatch::commit_up_to(Position last) {
  committed_ = last.offset + 1;
  batch_.Put(database_.table(Table::meta), std::string(kCommittedOffset),
             number_key(static_cast<std::uint64_t>(*committed_)));
}

Result<void> StoreBatch::write() {
  for (const auto& [conversation_id, sequence] : last_sequences_) {
    batch_.Put(database_.table(Table::sequences), conversation_id, number_key(sequence));
  }
  if (auto written = database_.write(batch_); !written) return written;
  if (committed_) database_.committed_offset() = *committed_;
  database_.end(Table::dead).advance_to(next_dead_);
  database_.end(Table::sent).advance_to(next_sent_);  // last: it wakes whoever waits for either
  return {};
}

}  // namespace message_service::embedded
