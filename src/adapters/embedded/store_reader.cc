#include "adapters/embedded/store_reader.h"

#include <algorithm>
#include <limits>

#include "wire/conversation_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

using Rows = std::unique_ptr<rocksdb::Iterator>;

bool in_conversation(const Rows& at, std::string_view prefix) {
  return at->Valid() && at->key().ToStringView().starts_with(prefix);
}

StoredRow row_at(const Rows& at, std::size_t prefix_size) {
  return {.sequence = read_number(at->key().ToStringView().substr(prefix_size)), .json = at->value().ToString()};
}

// Forward from the first row after `after`; one row more than asked for tells whether there are any.
void read_forward(const Rows& at, const std::string& prefix, std::uint64_t after, std::size_t limit, Page& page) {
  if (after == std::numeric_limits<std::uint64_t>::max()) return;
  std::string first = prefix;
  append_number(first, after + 1);
  for (at->Seek(first); in_conversation(at, prefix); at->Next()) {
    page.has_more = page.rows.size() == limit;
    if (page.has_more) return;
    page.rows.push_back(row_at(at, prefix.size()));
  }
}

// Backward from the last row before `before`, then put in ascending order.
void read_backward(const Rows& at, const std::string& prefix, std::uint64_t before, std::size_t limit, Page& page) {
  if (before == 0) return;
  std::string last = prefix;
  append_number(last, before - 1);
  for (at->SeekForPrev(last); in_conversation(at, prefix); at->Prev()) {
    page.has_more = page.rows.size() == limit;
    if (page.has_more) break;
    page.rows.push_back(row_at(at, prefix.size()));
  }
  std::ranges::reverse(page.rows);
}

}  // namespace

Result<std::optional<Conversation>> EmbeddedStoreReader::find_conversation(const std::string& id) {
  auto bytes = database_.get(Table::conversations, id);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<Conversation>();
  auto conversation = wire::read_conversation(**bytes);
  if (!conversation) return conversation.error();
  return std::optional(std::move(*conversation));
}

Result<std::uint64_t> EmbeddedStoreReader::last_sequence(const std::string& conversation_id) {
  return database_.last_sequence(conversation_id);
}

Result<Page> EmbeddedStoreReader::page(const std::string& conversation_id, const PageQuery& query) {
  const std::string prefix = message_prefix(conversation_id);
  const Rows at(database_.db().NewIterator({}, database_.table(Table::messages)));
  Page page;
  if (query.after) {
    read_forward(at, prefix, *query.after, query.limit, page);
  } else {
    read_backward(at, prefix, query.before.value_or(std::numeric_limits<std::uint64_t>::max()), query.limit, page);
  }
  if (!at->status().ok()) return to_error(at->status(), "read the history");
  return page;
}

Result<StoredRow> EmbeddedStoreReader::read_row(const KeyEntry& entry, Database::Reach reach) {
  auto json = database_.get(Table::messages, message_key(entry.conversation_id, entry.sequence), reach);
  if (!json) return json.error();
  if (!*json) return Error{ErrorCode::corrupt, "a message's key is there, but not the message"};
  return StoredRow{.sequence = entry.sequence, .json = std::move(**json)};
}

Result<std::optional<StoredRow>> EmbeddedStoreReader::find_message(const std::string& conversation_id,
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

Result<StoreReader::KeyLookup> EmbeddedStoreReader::find(const std::string& conversation_id,
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
