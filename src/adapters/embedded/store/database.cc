#include "adapters/embedded/store/database.h"

#if __has_include(<rocksdb/advanced_cache.h>)  // from RocksDB 8 on (Debian 13) this header has the cache's own members
#include <rocksdb/advanced_cache.h>
#else
#include <rocksdb/cache.h>
#endif
#include <rocksdb/perf_level.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/embedded/store/store_batch.h"
#include "base/clock.h"
#include "wire/conversation_json.h"

namespace message_service::embedded {

base::Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder, DurabilityMark& mark,
                                                       DiskHealth& disk) {
  auto store = open_store(folder, mark.store_end());
  if (!store) return store.error();
  std::unique_ptr<Database> database(new Database(std::move(*store), mark, disk));
  if (auto found = database->find_ends(); !found) return found.error();
  return database;
}

Database::Database(OpenedStore store, DurabilityMark& mark, DiskHealth& disk)
    : mark_(mark), disk_(disk), store_(std::move(store)) {
  // Moves the default table, which is unused, to the back.
  std::rotate(store_.tables.begin(), store_.tables.begin() + 1, store_.tables.end());
}

base::Result<std::optional<std::string>> Database::get(Table table, std::string_view key, Reach reach) {
  std::string value;
  rocksdb::ReadOptions options;
  if (reach == Reach::memory) options.read_tier = rocksdb::kBlockCacheTier;
  const auto status = db().Get(options, this->table(table), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsIncomplete()) return base::Error{base::ErrorCode::unavailable, "only the disk can tell"};
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_error(status, "read from the store");
  return std::optional<std::string>(std::move(value));
}

base::Result<std::uint64_t> Database::last_change(const std::string& conversation_id) {
  const auto bytes = get(Table::conversations, last_change_key(conversation_id));
  if (!bytes) return bytes.error();
  return *bytes ? read_number(**bytes) : 0;
}

base::Result<LastSequences::Last> Database::last_in(const std::string& conversation_id) {
  if (const auto known = last_sequences_.find(conversation_id)) return *known;
  const auto entry = last_sequence(conversation_id);
  if (!entry) return entry.error();
  const auto change = last_change(conversation_id);
  if (!change) return change.error();
  return LastSequences::Last{.entry = *entry, .change = *change};
}

base::Result<std::optional<Standing>> Database::changed_standing(const std::string& conversation_id,
                                                                 const std::string& person_id) {
  const auto json = get(Table::conversations, standing_key(conversation_id, person_id));
  if (!json) return json.error();
  if (!*json) return std::optional<Standing>();
  auto standing = wire::read_standing(**json);
  if (!standing) return standing.error();
  return std::optional(std::move(*standing));
}

base::Result<std::uint64_t> Database::last_sequence(const std::string& conversation_id) {
  if (const auto known = last_sequences_.find(conversation_id)) return known->entry;
  const std::string prefix = message_prefix(conversation_id);
  const std::unique_ptr<rocksdb::Iterator> at(db().NewIterator({}, table(Table::messages)));
  at->SeekForPrev(message_key(conversation_id, std::numeric_limits<std::uint64_t>::max()));
  if (!at->status().ok()) return to_error(at->status(), "read the last message");
  const bool found = at->Valid() && at->key().ToStringView().starts_with(prefix);
  return found ? read_number(at->key().ToStringView().substr(prefix.size())) : 0;
}

base::Result<void> Database::update(Durability durability, const Fill& fill) {
  const std::scoped_lock lock(update_mutex_);
  StoreBatch batch(*this, base::wall_now());
  if (auto filled = fill(batch); !filled) return filled;
  StoreBatch::Outcome outcome = batch.finish();
  if (outcome.rows.Count() == 0) return {};
  if (auto written = write(outcome.rows, durability); !written) return written;
  for (const auto& [conversation_id, last] : outcome.last_sequences) last_sequences_.remember(conversation_id, last);
  end(Table::dead).advance_to(outcome.next_dead);
  end(Table::sent).advance_to(outcome.next_sent);  // the second of the two: it wakes the waiters for either
  if (outcome.committed) committed_offset_ = *outcome.committed;  // last: a thread that sees it finds the events
  return {};
}

base::Result<void> Database::write(rocksdb::WriteBatch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::now;
  const auto purpose = options.sync ? DiskHealth::Purpose::new_messages : DiskHealth::Purpose::accepted_messages;
  if (auto room = disk_.check_room(purpose); !room) return room;
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // else it counts this thread's key comparisons, for nobody
  const auto status = db().Write(options, &batch);
  if (!status.ok()) {
    disk_.report(DiskHealth::Part::store, false);
    return base::Error{base::ErrorCode::unknown, to_error(status, "write to the disk").text};
  }
  written_ = db().GetLatestSequenceNumber();
  // There is one write-ahead log: its sync covers all earlier writes.
  if (options.sync) mark_.raise_store_to(written_);
  return {};
}

bool Database::sync() {
  const std::uint64_t written = written_;
  if (written <= mark_.store_end()) return true;
  if (!disk_.healthy(DiskHealth::Part::store)) return false;
  if (!db().SyncWAL().ok()) {
    disk_.report(DiskHealth::Part::store, false);
    return false;
  }
  mark_.raise_store_to(written);
  return true;
}

// RocksDB as Debian builds it ends the process when it resumes too early, so heal() first tests the disk without it.
void Database::heal() {
  if (disk_.healthy(DiskHealth::Part::store) || !disk_.takes_writes()) return;
  if (db().Resume().ok()) disk_.report(DiskHealth::Part::store, true);
}

std::size_t Database::drop_caches() {
  const auto& factory = db().GetOptions(table(Table::messages)).table_factory;
  const auto* blocks = factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (blocks == nullptr || !blocks->block_cache) return 0;
  const std::size_t before = blocks->block_cache->GetUsage();
  blocks->block_cache->EraseUnRefEntries();
  return before - std::min(before, blocks->block_cache->GetUsage());
}

base::Result<void> Database::find_ends() {
  auto committed = get(Table::meta, kCommittedOffset);
  if (!committed) return committed.error();
  if (*committed && (*committed)->size() != kNumberBytes) {
    return base::Error{base::ErrorCode::corrupt,
                       "the row " + std::string(kCommittedOffset) + " of the store is damaged"};
  }
  if (*committed) committed_offset_ = static_cast<std::int64_t>(read_number(**committed));

  for (const Table topic : {Table::sent, Table::dead}) {
    auto next = next_offset(topic);
    if (!next) return next.error();
    ends_[static_cast<std::size_t>(topic)] = std::make_unique<TopicEnd>(*next);
  }
  return {};
}

base::Result<std::int64_t> Database::next_offset(Table topic) {
  const std::unique_ptr<rocksdb::Iterator> records(db().NewIterator({}, table(topic)));
  records->SeekToLast();
  if (!records->status().ok()) return to_error(records->status(), "read the end of the log");
  if (!records->Valid()) return 0;
  if (records->key().size() != kNumberBytes) {
    return base::Error{base::ErrorCode::corrupt, "a row of topic " +
                                                     std::string(kTableNames[static_cast<std::size_t>(topic)]) +
                                                     " in the store has no offset for its key"};
  }
  return static_cast<std::int64_t>(read_number(records->key().ToStringView())) + 1;
}

}  // namespace message_service::embedded
