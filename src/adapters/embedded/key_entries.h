// The rows of the table `keys`: what is known of each message id. Ids that begin with the same bytes share a row, and
// those made of UUIDv7s begin with their time (model/ids.h): what a busy service accepts within four milliseconds is
// one row, which costs the store a fraction of a row for each message. A row grows at its end; of two entries for one
// id the later one stands.
//
// Pure functions, but for find_key_entry() in a database.
#pragma once

#include <rocksdb/merge_operator.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/embedded/database.h"
#include "base/result.h"
#include "model/ids.h"

namespace message_service::embedded {

// A message id is stored under a sequence, or rejected for a reason.
struct KeyEntry {
  enum class State : char { stored = 'S', rejected = 'R' };
  State state = State::stored;
  std::string conversation_id;
  std::uint64_t sequence = 0;        // of a stored one, whose row says the rest
  std::string temporary_message_id;  // this and the reason of a rejected one
  std::string reason;
};

// The key of the row that has an id's entry.
std::string_view key_row_of(const ObjectIdBytes& id);

void append_stored_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                         std::uint64_t sequence);
void append_rejected_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                           std::string_view temporary_message_id, std::string_view reason);

// In the bytes of its row. `corrupt` when any entry there is damaged.
Result<std::optional<KeyEntry>> find_key_entry(std::string_view row, const ObjectIdBytes& id);

// In the table.
Result<std::optional<KeyEntry>> find_key_entry(Database& database, const ObjectIdBytes& id);

// How RocksDB puts a row together from what was merged into it: one piece behind the other.
std::shared_ptr<rocksdb::MergeOperator> appending_entries();

}  // namespace message_service::embedded
