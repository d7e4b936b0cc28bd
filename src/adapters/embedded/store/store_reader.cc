#include "adapters/embedded/store/store_reader.h"

#include <memory>

#include "adapters/embedded/store/history.h"
#include "adapters/embedded/store/revocations.h"
#include "adapters/embedded/store/row_error.h"
#include "wire/conversation_json.h"
#include "wire/message_json.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::embedded {

base::Result<std::optional<Conversation>> EmbeddedStoreReader::find_conversation(const std::string& id) {
  auto bytes = database_.get(Table::conversations, id);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<Conversation>();
  auto conversation = wire::read_conversation(**bytes);
  if (!conversation) return conversation.error();
  return std::optional(std::move(*conversation));
}

base::Result<std::uint64_t> EmbeddedStoreReader::last_participant_change(const std::string& conversation_id) {
  return database_.last_change(conversation_id);
}

base::Result<std::optional<Standings>> EmbeddedStoreReader::participants(const std::string& conversation_id) {
  auto made_with = find_conversation(conversation_id);
  if (!made_with) return made_with.error();
  if (!*made_with) return std::optional<Standings>();
  Standings standings((*made_with)->participants);
  const std::string prefix = last_change_key(conversation_id);
  const std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator({}, database_.table(Table::conversations)));
  at->Seek(prefix);
  if (at->Valid() && at->key() == prefix) {
    standings.last_change = read_number(at->value().ToStringView());
    at->Next();
  }
  for (; at->Valid() && at->key().starts_with(prefix); at->Next()) {
    auto standing = wire::read_standing(at->value().ToStringView());
    if (!standing) return standing.error();
    standings.put(std::move(*standing));
  }
  if (!at->status().ok()) return to_error(at->status(), "read the participants");
  return std::optional(std::move(standings));
}

base::Result<std::vector<Revocation>> EmbeddedStoreReader::revocations() { return read_revocations(database_); }

base::Result<std::uint64_t> EmbeddedStoreReader::last_sequence(const std::string& conversation_id) {
  auto last = database_.last_sequence(conversation_id);
  if (last || last.error().code != base::ErrorCode::corrupt) return last;
  const auto readable = page(conversation_id, {.limit = 1, .changes = true});
  if (!readable) return readable.error();
  return readable->rows.empty() ? 0 : readable->rows.front().sequence;
}

base::Result<Page> EmbeddedStoreReader::page(const std::string& conversation_id, const PageQuery& query) {
  return read_history(database_, damage_, conversation_id, query);
}

base::Result<StoredRow> EmbeddedStoreReader::read_row(const KeyEntry& entry, Database::Reach reach) {
  auto json = database_.get(Table::messages, message_key(entry.conversation_id, entry.sequence), reach);
  if (!json) return json.error();
  if (!*json) return base::Error{base::ErrorCode::corrupt, "a message's key is there, but not the message"};
  const auto stored = read_message_row(entry.conversation_id, entry.sequence, **json);
  if (!stored) return stored.error();
  return StoredRow{.sequence = entry.sequence, .json = std::move(**json), .change = stored->message().change};
}

base::Result<std::vector<OpenDeadLetter>> EmbeddedStoreReader::open_dead_letters(const OpenDeadLetterQuery& query) {
  const std::string prefix = query.conversation_id ? message_prefix(*query.conversation_id) : std::string();
  std::string first = prefix;
  if (query.after) {
    const Position next{query.after->origin.partition, query.after->origin.offset + 1};
    first = open_dead_letter_key(query.after->conversation_id, next);
  }
  std::vector<OpenDeadLetter> letters;
  const std::unique_ptr<rocksdb::Iterator> at(
      database_.db().NewIterator({}, database_.table(Table::open_dead_letters)));
  for (at->Seek(first); at->Valid() && letters.size() < query.limit; at->Next()) {
    if (!at->key().ToStringView().starts_with(prefix)) break;
    auto letter = wire::read_open_dead_letter(at->value().ToStringView());
    if (letter) {
      letters.push_back(std::move(*letter));
    } else {
      damage_.left_out("dead_letters", row_error(*at, letter.error()));
    }
  }
  if (!at->status().ok()) return to_error(at->status(), "read the open dead letters");
  return letters;
}

base::Result<std::optional<StoredRow>> EmbeddedStoreReader::find_message(const std::string& conversation_id,
                                                                         const ObjectIdBytes& id) {
  const auto entry = find_key_entry(database_, id, MadeHere::maybe);
  if (!entry) return entry.error();
  const bool here =
      *entry && (*entry)->state == KeyEntry::State::stored && (*entry)->conversation_id == conversation_id;
  if (!here) return std::optional<StoredRow>();
  auto row = read_row(**entry);
  if (!row) return row.error();
  return std::optional(std::move(*row));
}

base::Result<StoreReader::KeyLookup> EmbeddedStoreReader::find(const std::string& conversation_id,
                                                               const std::string& temporary_message_id,
                                                               Database::Reach reach) {
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  const auto entry = find_key_entry(database_, id, made_here(temporary_message_id), reach);
  if (!entry) return entry.error();
  if (!*entry || (*entry)->conversation_id != conversation_id) return KeyLookup();
  if ((*entry)->state == KeyEntry::State::rejected) {
    if ((*entry)->temporary_message_id != temporary_message_id) return KeyLookup();
    return KeyLookup(RejectedKey{(*entry)->reason});
  }
  auto row = read_row(**entry, reach);
  if (!row) return row.error();
  const auto stored = wire::read_stored(row->json);
  if (!stored) return stored.error();
  if (stored->message().temporary_message_id != temporary_message_id) return KeyLookup();
  return KeyLookup(std::move(*row));
}

}  // namespace message_service::embedded
