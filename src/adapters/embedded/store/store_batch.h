// One atomic write to the store while it is being put together: messages with their keys and sequences, their events,
// dead letters, and the position. Database::update() makes it, passes it to one caller and writes it.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "adapters/embedded/store/database.h"
#include "adapters/embedded/store/key_entries.h"
#include "adapters/embedded/store/sent_row.h"
#include "base/flat_map.h"
#include "model/conversation.h"
#include "model/dead_letter.h"
#include "model/message.h"
#include "model/revocation.h"

namespace message_service::embedded {

class StoreBatch {
 public:
  StoreBatch(Database& database, base::Timestamp now);

  // The message that is already stored under an id, in the database or earlier in this batch.
  base::Result<std::optional<Stored>> find(const ObjectIdBytes& id, MadeHere made_here);
  base::Result<std::optional<Stored>> find(const Message& message) {
    return find(message.id, made_here(message.temporary_message_id));
  }

  // Assigns the next sequence of the conversation, and adds row and key. `new_id`: as in Batch::Item.
  template <class Before>  // Appended or Admitted
  base::Result<Stored> add(const Before& before, bool new_id = false) {
    auto sequence = next_sequence(before.message().conversation_id);
    if (!sequence) return sequence.error();
    Stored stored(before, *sequence, now_);
    put(stored, new_id);
    if (stored.message().change) {
      if (auto applied = apply_change(stored); !applied) return applied.error();
    }
    return stored;
  }

  // Why the conversation does not take the message now (model/participation.h). Costs next to nothing in a conversation
  // whose participants have never changed.
  base::Result<std::optional<std::string>> objection(const Message& message);

  // Adds the event of a message that this batch adds: as a reference to its row, if the row stays.
  void announce(const Stored& stored);
  // Adds the event of a message that is stored elsewhere.
  void announce_elsewhere(const Stored& stored);

  // Remembers why a key has no message. A key with a message keeps its message.
  base::Result<void> reject(const MessageRejected& rejection);
  void add_dead_letter(const DeadLetter& letter);
  // Remembers a dead letter until it is closed. The last call for a letter counts.
  void open(const OpenDeadLetter& letter);
  void close(const OpenDeadLetter& letter);

  // How far a partition of the messages' log is stored, for a log that is not in this folder. Nothing: no record of it
  // is stored.
  base::Result<std::optional<std::int64_t>> applied(std::int32_t partition);
  void apply(const Position& position);

  void commit(const Progress& progress);

  void create(const Conversation& conversation);
  // The row of Table::meta with an id: kLogId, kHistoryId.
  void name(std::string_view row, const std::string& id);

  base::Result<void> revoke(const Revocation& revocation);

  // Deletes the canary's messages but for the newest `rows_max`, with their keys, as far as one batch may go. No
  // message of it lies below `begin`; returns the new begin.
  base::Result<std::uint64_t> trim_canary(std::size_t rows_max, std::uint64_t begin);

  // When this update began: the time of all that it stores.
  base::Timestamp now() const { return now_; }

  // The rows that the database writes, and the state that holds after the write. finish() ends the batch.
  struct Outcome {
    rocksdb::WriteBatch rows;
    std::unordered_map<std::string, LastSequences::Last, base::KeyedHash, std::equal_to<>>
        last_sequences;  // by conversation
    std::int64_t next_sent = 0;
    std::int64_t next_dead = 0;
    std::optional<std::int64_t> committed;
  };
  Outcome finish();

 private:
  base::Result<LastSequences::Last*> last_in(const std::string& conversation_id);
  base::Result<std::uint64_t> next_sequence(const std::string& conversation_id);
  base::Result<std::optional<Standing>> changed_standing(const std::string& conversation_id,
                                                         const std::string& person_id);
  base::Result<std::optional<Standing>> standing(const std::string& conversation_id, const std::string& person_id);
  base::Result<void> apply_change(const Stored& stored);
  void put(const Stored& stored, bool new_id);

  Database& database_;
  base::Timestamp now_;
  // Rows are written in the order of their keys, which is the fastest order for a memtable. Until then row_bytes_ holds
  // them one after the other: key, then value.
  struct Row {
    std::size_t start, key_bytes, value_bytes;
  };
  std::string_view key_of(const Row& row) const {
    return std::string_view(row_bytes_).substr(row.start, row.key_bytes);
  }
  std::string_view value_of(const Row& row) const {
    return std::string_view(row_bytes_).substr(row.start + row.key_bytes, row.value_bytes);
  }
  std::string& own_key_row(const ObjectIdBytes& id);  // empty
  void put_messages();
  void put_keys();
  void put_references();

  rocksdb::WriteBatch& rows() { return outcome_.rows; }

  Outcome outcome_;
  std::vector<Row> messages_;
  std::string row_bytes_;
  std::map<std::string, std::string> keys_;              // rows of their own
  std::map<std::string, std::string> shared_keys_;       // entries to add to shared rows
  std::unordered_map<std::string, Standing> standings_;  // by their rows' keys; those that this batch changes
  SentReferences references_;                            // up to next_sent
  base::FlatMap<ObjectIdBytes, Stored, MessageIdHash> added_;
};

}  // namespace message_service::embedded
