// The store: RocksDB with its tables, the ends of the topics in it, and the position up to which the log is stored.
//
// Owned by OpenedFolder; shared by the ports of the store. Any thread. update() is the one way to write: it runs one
// caller at a time.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/embedded/folder/disk_health.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/last_sequences.h"
#include "adapters/embedded/store/open_store.h"
#include "adapters/embedded/store/tables.h"
#include "adapters/embedded/topic/topic_end.h"
#include "base/check.h"
#include "base/result.h"
#include "model/participant_change.h"

namespace message_service::embedded {

class StoreBatch;

class Database {
 public:
  // The mark and the disk outlive the database.
  static base::Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, DurabilityMark& mark,
                                                      DiskHealth& disk);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // For reads, and for the deletions of retention.
  rocksdb::DB& db() { return *store_.db; }
  rocksdb::ColumnFamilyHandle* table(Table table) { return store_.tables[static_cast<std::size_t>(table)]; }

  // How far a look-up may go for its answer.
  enum class Reach { disk, memory };

  // Nothing when the key is absent. `unavailable` when only the disk has the answer and may not be read.
  base::Result<std::optional<std::string>> get(Table table, std::string_view key, Reach reach = Reach::disk);

  // 0 while the conversation is empty.
  base::Result<std::uint64_t> last_sequence(const std::string& conversation_id);

  // Of the last change of participants, as its row says now: never older than any row that a caller has seen. 0: none.
  base::Result<std::uint64_t> last_change(const std::string& conversation_id);

  // Both, for an update under way.
  base::Result<LastSequences::Last> last_in(const std::string& conversation_id);

  // The person's place, once it has changed.
  base::Result<std::optional<Standing>> changed_standing(const std::string& conversation_id,
                                                         const std::string& person_id);

  // When a write is safe from a power cut. A killed process loses neither kind of write.
  enum class Durability {
    now,   // before update() returns
    soon,  // with the next update of Durability::now, or the next sync(): for rows that the log can make again
  };

  // Calls `fill` while no other update runs, then writes the batch that it has filled: atomically, and visible on
  // return. When `fill` fails, update() returns its error and writes nothing. `refused`: the write did not begin,
  // because the disk is nearly full. `unknown`: the write failed under way, and the disk counts as sick until heal()
  // succeeds.
  using Fill = std::function<base::Result<void>(StoreBatch&)>;
  base::Result<void> update(Durability durability, const Fill& fill);

  // Makes the writes of Durability::soon durable, if there are any. False: the disk does not accept them.
  bool sync();

  // Resumes after a failed write, when the disk accepts writes again.
  void heal();

  // sent, dead
  TopicEnd& end(Table topic) {
    CHECK(static_cast<std::size_t>(topic) < ends_.size());
    return *ends_[static_cast<std::size_t>(topic)];
  }

  // Offset of the log's first record that is not committed.
  const std::atomic<std::int64_t>& committed_offset() const { return committed_offset_; }

  // Frees cached blocks of tables that are not in use. Returns roughly the number of bytes freed.
  std::size_t drop_caches();

 private:
  Database(OpenedStore store, DurabilityMark& mark, DiskHealth& disk);
  base::Result<void> find_ends();
  base::Result<std::int64_t> next_offset(Table topic);
  base::Result<void> write(rocksdb::WriteBatch& batch, Durability durability);

  DurabilityMark& mark_;
  DiskHealth& disk_;
  OpenedStore store_;
  std::mutex update_mutex_;  // keeps sequences and the writes of their rows in one order
  LastSequences last_sequences_;
  std::array<std::unique_ptr<TopicEnd>, 2> ends_;  // sent, dead
  std::atomic<std::int64_t> committed_offset_ = 0;
  std::atomic<std::uint64_t> written_ = 0;  // RocksDB's number of the last entry
};

}  // namespace message_service::embedded
