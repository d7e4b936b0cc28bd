// The rows of the table `keys`: the entries of the known message ids.
//
// A key that a client has chosen has a row of its own. Ids that this process made from its own clock within the same
// four milliseconds share a row (a UUIDv7's id begins with its time, model/ids.h), so a message costs a busy store a
// fraction of a row. Only this process chooses the entries of a shared row, so no row grows beyond the ids of four
// milliseconds.
//
// Pure functions, except find_key_entry() in a database.
#pragma once

#include <rocksdb/merge_operator.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/ids.h"

namespace message_service::embedded {

// A message id is stored under a sequence, or rejected for a reason.
struct KeyEntry {
  enum class State : char { stored = 'S', rejected = 'R' };
  State state = State::stored;
  std::string conversation_id;
  std::uint64_t sequence = 0;        // of a stored one; the message's row has the rest
  std::string temporary_message_id;  // of a rejected one, as is the reason
  std::string reason;
};

// The key of the row that an id made here shares. The row of any other id has the id as its key.
std::string_view shared_row_of(const ObjectIdBytes& id);

void append_stored_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                         std::uint64_t sequence);
void append_rejected_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                           std::string_view temporary_message_id, std::string_view reason);

// Searches the bytes of a row. `corrupt` when any entry in them is damaged.
base::Result<std::optional<KeyEntry>> find_key_entry(std::string_view row, const ObjectIdBytes& id);

// Searches the table: the id's own row and, when the id may have been made here, the shared row.
enum class MadeHere { maybe, never };
base::Result<std::optional<KeyEntry>> find_key_entry(Database& database, const ObjectIdBytes& id, MadeHere made_here,
                                                     Database::Reach reach = Database::Reach::disk);

// `never` for a text that make_uuid_v7() cannot make.
MadeHere made_here(std::string_view temporary_message_id);

// Makes RocksDB build a shared row from the pieces that were merged into it: one after the other.
std::shared_ptr<rocksdb::MergeOperator> appending_entries();

}  // namespace message_service::embedded
