// One atomic write to the store while it is being put together: messages with their keys and sequences, their events,
// dead letters, and the position. Database::update() makes it, gives it to one caller and writes it.
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

namespace message_service::embedded {

class StoreBatch {
 public:
  StoreBatch(Database& database, base::Timestamp now);

  // What is already stored under a message id, in the database or earlier in this batch.
  base::Result<std::optional<Stored>> find(const ObjectIdBytes& id, MadeHere made_here);
  base::Result<std::optional<Stored>> find(const Message& message) {
    return find(message.id, made_here(message.temporary_message_id));
  }

  // Gives the next sequence of the conversation, and adds row and key. `new_id`: as of Batch::Item.
  template <class Before>  // Appended or Admitted
  base::Result<Stored> add(const Before& before, bool new_id = false) {
    auto sequence = next_sequence(before.message().conversation_id);
    if (!sequence) return sequence.error();
    Stored stored(before, *sequence, now_);
    put(stored, new_id);
    return stored;
  }

  // Adds the event of a message that this batch adds.
  void announce(const Stored& stored);
  // Adds the event of a message that is stored elsewhere.
  void announce_elsewhere(const Stored& stored);

  // Remembers why a key has no message. A key that has one keeps it.
  base::Result<void> reject(const MessageRejected& rejection);
  void add_dead_letter(const DeadLetter& letter);
  // Remembers a dead letter until it is closed. The later call for one letter stands.
  void open(const OpenDeadLetter& letter);
  void close(const OpenDeadLetter& letter);

  // The partition of the log that the messages came from, and how far it is stored, for a log that is not in this
  // database. Nothing: not at all.
  base::Result<std::optional<std::int64_t>> applied(std::int32_t partition);
  void apply(const Position& position);

  void commit(const Progress& progress);

  void create(const Conversation& conversation);
  void name_log(const std::string& log_id);

  // When this update began: the time of what it stores.
  base::Timestamp now() const { return now_; }

  // What the database writes, and what holds once it is written. The batch ends with it.
  struct Outcome {
    rocksdb::WriteBatch rows;
    std::unordered_map<std::string, std::uint64_t, base::KeyedHash, std::equal_to<>> last_sequences;  // by conversation
    std::int64_t next_sent = 0;
    std::int64_t next_dead = 0;
    std::optional<std::int64_t> committed;
  };
  Outcome finish();

 private:
  base::Result<std::uint64_t> next_sequence(const std::string& conversation_id);
  void put(const Stored& stored, bool new_id);

  Database& database_;
  base::Timestamp now_;
  // Rows are written in the order of their keys, which is how a memtable takes them fastest. Until then they lie one
  // behind the other: key, then value.
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
  std::map<std::string, std::string> keys_;         // rows of their own
  std::map<std::string, std::string> shared_keys_;  // what is added to shared rows
  SentReferences references_;                       // up to next_sent
  base::FlatMap<ObjectIdBytes, Stored, MessageIdHash> added_;
};

}  // namespace message_service::embedded
