// The rows of the table `keys`: what is known of each message id.
//
// A key that a client has chosen has a row of its own. Ids that this process made of its own clock share one with those
// of the same four milliseconds (a UUIDv7's id begins with its time, model/ids.h), which costs a busy store a fraction
// of a row for each message. Nobody else may say what lies in a shared row, so none grows beyond what four milliseconds
// can bring.
//
// Pure functions, but for find_key_entry() in a database.
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
  std::uint64_t sequence = 0;        // of a stored one, whose row says the rest
  std::string temporary_message_id;  // this and the reason of a rejected one
  std::string reason;
};

// The key of the row that an id made here shares. Any other id's row has the id for its key.
std::string_view shared_row_of(const ObjectIdBytes& id);

void append_stored_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                         std::uint64_t sequence);
void append_rejected_entry(std::string& row, const ObjectIdBytes& id, std::string_view conversation_id,
                           std::string_view temporary_message_id, std::string_view reason);

// In the bytes of a row. `corrupt` when any entry there is damaged.
base::Result<std::optional<KeyEntry>> find_key_entry(std::string_view row, const ObjectIdBytes& id);

// In the table: in the row of its own, and where the id may have been made here in the shared one.
enum class MadeHere { maybe, never };
base::Result<std::optional<KeyEntry>> find_key_entry(Database& database, const ObjectIdBytes& id, MadeHere made_here,
                                                     Database::Reach reach = Database::Reach::disk);

// What make_uuid_v7() never makes was never made here.
MadeHere made_here(std::string_view temporary_message_id);

// How RocksDB puts a shared row together from what was merged into it: one piece behind the other.
std::shared_ptr<rocksdb::MergeOperator> appending_entries();

}  // namespace message_service::embedded
