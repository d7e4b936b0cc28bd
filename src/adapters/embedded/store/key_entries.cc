#include "adapters/embedded/store/key_entries.h"

#include "adapters/embedded/topic/fields.h"

namespace message_service::embedded {

namespace {

// An entry: the rest of the id, the state, the conversation, then the sequence, or temporary id and reason.
constexpr std::size_t kSharedBytes = 5;  // seconds, and the milliseconds but for their last two bits

using State = KeyEntry::State;

class AppendingEntries final : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "message-service.appending-entries"; }
  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* row, const rocksdb::Slice& more, std::string* longer,
             rocksdb::Logger* /*logger*/) const override {
    longer->clear();
    if (row != nullptr) longer->assign(row->data(), row->size());
    longer->append(more.data(), more.size());
    return true;
  }
};

std::string_view rest_of(const ObjectIdBytes& id) { return bytes_of(id).substr(kSharedBytes); }

void append_head(std::string& row, const ObjectIdBytes& id, State state, std::string_view conversation_id) {
  row.append(rest_of(id));
  row.push_back(static_cast<char>(state));
  append_text(row, conversation_id);
}

}  // namespace

std::string_view shared_row_of(const ObjectIdBytes& id) { return bytes_of(id).substr(0, kSharedBytes); }

void append_stored_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                         std::uint64_t sequence) {
  append_head(row, id, State::stored, conversation_id);
  append_varint(row, sequence);
}

void append_rejected_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                           std::string_view temporary_message_id, std::string_view reason) {
  append_head(row, id, State::rejected, conversation_id);
  append_text(row, temporary_message_id);
  append_text(row, reason);
}

base::Result<std::optional<KeyEntry>> find_key_entry(std::string_view row, const ObjectIdBytes& id) {
  const base::Error damaged{base::ErrorCode::corrupt, "a row of keys of an unknown form"};
  std::optional<KeyEntry> found;
  Cursor cursor(row);
  while (!cursor.at_end()) {
    const bool wanted = cursor.take(rest_of(id).size()) == rest_of(id);
    const auto state = static_cast<State>(cursor.byte());
    const std::string_view conversation_id = cursor.text();
    std::uint64_t sequence = 0;
    std::string_view temporary_message_id, reason;
    if (state == State::stored) {
      sequence = cursor.varint();
    } else if (state == State::rejected) {
      temporary_message_id = cursor.text();
      reason = cursor.text();
    } else {
      return damaged;
    }
    if (cursor.failed()) return damaged;
    if (!wanted) continue;
    found = {.state = state,
             .conversation_id = std::string(conversation_id),
             .sequence = sequence,
             .temporary_message_id = std::string(temporary_message_id),
             .reason = std::string(reason)};
  }
  return found;
}

base::Result<std::optional<KeyEntry>> find_key_entry(Database& database, const ObjectIdBytes& id, MadeHere made_here,
                                                     Database::Reach reach) {
  auto row = database.get(Table::keys, bytes_of(id), reach);
  if (row && !*row && made_here == MadeHere::maybe) row = database.get(Table::keys, shared_row_of(id), reach);
  if (!row) return row.error();
  if (!*row) return std::optional<KeyEntry>();
  return find_key_entry(**row, id);
}

MadeHere made_here(std::string_view temporary_message_id) {
  return uuid_v7_time(temporary_message_id) ? MadeHere::maybe : MadeHere::never;
}

std::shared_ptr<rocksdb::MergeOperator> appending_entries() { return std::make_shared<AppendingEntries>(); }

}  // namespace message_service::embedded
