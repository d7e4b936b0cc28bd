// The open data folder: the log, RocksDB and its tables, the ends of the topics, and the health of the disk.
//
// Owned by Embedded; shared by all its ports. RocksDB is safe from any thread; what is not is said beside it.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/embedded/data_folder.h"
#include "adapters/embedded/durable_mark.h"
#include "adapters/embedded/fresh_messages.h"
#include "adapters/embedded/last_sequences.h"
#include "adapters/embedded/log/segmented_log.h"
#include "adapters/embedded/open_store.h"
#include "adapters/embedded/tables.h"
#include "adapters/embedded/topic_end.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/result.h"

namespace message_service::embedded {

// The settings that the database and whoever follows it read-only must agree on.
rocksdb::Options database_options();
std::vector<rocksdb::ColumnFamilyDescriptor> table_descriptors();

// `corrupt` for damaged bytes, else `unavailable`, with RocksDB's own words.
base::Error to_error(const rocksdb::Status& status, std::string_view doing);

class Database {
 public:
  static base::Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, std::uint64_t segment_bytes,
                                                      int reads_records = kRecordVersion);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() { return *store_.db; }
  rocksdb::ColumnFamilyHandle* table(Table table) { return store_.tables[static_cast<std::size_t>(table)]; }

  // How far a look-up may go for its answer.
  enum class Reach { disk, memory };

  // Nothing when the key is absent. `unavailable` where only the disk can tell and may not be read.
  base::Result<std::optional<std::string>> get(Table table, std::string_view key, Reach reach = Reach::disk);

  // The records of one group, which `stage` stages in their order, behind log_end(): durable when it returns. Whoever
  // calls it moves that end when a reader may have them. Errors as write(). One thread.
  base::Result<void> append(const std::function<void(SegmentedLog&)>& stage);

  // Drops the blocks of tables that are kept to be read faster, and are not in use: about so many bytes.
  std::size_t drop_caches();

  // When a write is safe from a power cut. A killed process loses neither.
  enum class Durability {
    now,   // before write() returns
    soon,  // with the next write that is durable now, or the next sync(): for what the log can make again
  };

  // To the tables. Atomic, and visible when it returns. `refused`: not begun, because the disk is nearly full.
  // `unknown`: it failed under way, and the disk is taken for sick until a later try_to_heal() succeeds.
  base::Result<void> write(rocksdb::WriteBatch& batch, Durability durability);

  // Makes what was written with Durability::soon durable, if there is any. False: the disk does not take it.
  bool sync();

  bool healthy() const { return healthy_ && has_room_ && log_->healthy(); }
  bool try_to_heal();  // the thread that appends

  // 0 while the conversation is empty.
  base::Result<std::uint64_t> last_sequence(const std::string& conversation_id);
  LastSequences& last_sequences() { return last_sequences_; }

  SegmentedLog& log() { return *log_; }
  DataFolder& folder() { return folder_; }
  FreshMessages& fresh_messages() { return fresh_messages_; }

  TopicEnd& log_end() { return *log_end_; }
  TopicEnd& end(Table topic) {  // sent, dead
    CHECK(static_cast<std::size_t>(topic) < ends_.size());
    return *ends_[static_cast<std::size_t>(topic)];
  }

  // Offset of the first record that is not committed. Written by the committer alone.
  std::atomic<std::int64_t>& committed_offset() { return committed_offset_; }

  // Held while sequences are given out and their batch is written: one order for all writers of messages.
  std::mutex& store_mutex() { return store_mutex_; }

 private:
  Database(DataFolder folder, DurableMark mark, OpenedStore store);
  base::Result<void> find_ends();
  base::Result<void> open_log(std::uint64_t segment_bytes);
  base::Result<std::int64_t> next_offset(Table topic);
  bool has_room_for(std::uintmax_t bytes) const;
  // Of what a node takes in, which stops first, and of what lies in the log already.
  enum class Room { for_new, for_accepted };
  bool look_for_room(Room room);

  DataFolder folder_;
  DurableMark durable_mark_;
  OpenedStore store_;
  std::unique_ptr<SegmentedLog> log_;
  std::unique_ptr<TopicEnd> log_end_;
  std::array<std::unique_ptr<TopicEnd>, 2> ends_;  // sent, dead
  std::atomic<std::int64_t> committed_offset_ = 0;
  LastSequences last_sequences_;
  FreshMessages fresh_messages_;
  std::atomic<bool> healthy_ = true;
  std::atomic<bool> has_room_ = true;
  mutable std::atomic<base::SteadyTime> ample_room_until_{base::SteadyTime::min()};
  std::atomic<std::uint64_t> written_ = 0;  // RocksDB's number of the last entry
  std::mutex store_mutex_;
};

}  // namespace message_service::embedded
