#include "adapters/embedded/database.h"

#if __has_include(<rocksdb/advanced_cache.h>)  // from RocksDB 8 on (Debian 13) the cache's own members are there
#include <rocksdb/advanced_cache.h>
#else
#include <rocksdb/cache.h>
#endif
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <limits>

#include "adapters/embedded/key_entries.h"
#include "adapters/embedded/resumable_files.h"

namespace message_service::embedded {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::uintmax_t kReserveBytes = 32 * kMiB;
constexpr std::uintmax_t kAmpleBytes = 1024 * kMiB;            // nothing writes half of it
constexpr auto kAmpleRoomFor = std::chrono::milliseconds(20);  // within this time
constexpr const char* kNearlyFull = "the disk is nearly full";

// RocksDB's own diagnostic file: on a full disk, writing to it ends the process. What matters of it is in every Status.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger(rocksdb::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// How a table is used decides its settings.
enum class Use { topic, rows, lookups };

Use use_of(std::string_view table) {
  if (table == "messages" || table == "open-letters") return Use::rows;
  if (table == "keys" || table == "conversations" || table == "meta") return Use::lookups;
  return Use::topic;
}

// A key without the number at its end: rows of one conversation come one behind the other.
class BeforeNumber final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "before-number"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), key.size() - kNumberBytes}; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() >= kNumberBytes; }
};

// Rows come in the order of their keys, within a conversation (rows) or all of them (the rest, nearly): a memtable that
// looks for their place behind the one before compares a fifth of the keys. Not together with DeleteRange: RocksDB 7.8
// mixes up the hints of rows and range tombstones.
std::shared_ptr<const rocksdb::SliceTransform> neighbours_of(Use use) {
  if (use == Use::rows) return std::make_shared<BeforeNumber>();
  return std::shared_ptr<const rocksdb::SliceTransform>(rocksdb::NewFixedPrefixTransform(0));
}

rocksdb::ColumnFamilyOptions table_options(Use use, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;  // counted in the cache, so memory has one bound
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.format_version = 5;
  if (use == Use::lookups) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.write_buffer_size = 16 * kMiB;
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kNoCompression;
  options.memtable_insert_with_hint_prefix_extractor = neighbours_of(use);
  if (use == Use::rows) options.bottommost_compression = rocksdb::kLZ4Compression;
  if (use == Use::lookups) {  // most look-ups are for keys that are not there
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.memtable_whole_key_filtering = true;
  }
  return options;
}

}  // namespace

rocksdb::Options database_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.env = resumable_files();
  options.max_bgerror_resume_count = 0;  // not by itself, but when try_to_heal() says
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;  // for followers
  options.max_total_wal_size = 128 * kMiB;
  options.db_write_buffer_size = 48 * kMiB;
  options.max_background_jobs = 2;
  options.bytes_per_sync = kMiB;
  options.wal_bytes_per_sync = kMiB;
  options.allow_concurrent_memtable_write = false;  // one writer at a time as it is, and it uses hints
  options.info_log = std::make_shared<SilentLogger>();
  options.stats_dump_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> table_descriptors() {
  const auto cache = rocksdb::NewLRUCache(32 * kMiB);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, table_options(Use::lookups, cache));
  for (const std::string_view name : kTableNames) {
    descriptors.emplace_back(std::string(name), table_options(use_of(name), cache));
  }
  descriptors[1 + static_cast<std::size_t>(Table::keys)].options.merge_operator = appending_entries();
  return descriptors;
}

base::Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const bool damaged = status.IsCorruption();
  return {damaged ? base::ErrorCode::corrupt : base::ErrorCode::unavailable,
          "cannot " + std::string(doing) + ": " + status.ToString()};
}

base::Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder, std::uint64_t segment_bytes,
                                                       int reads_records) {
  auto claimed = DataFolder::claim(folder, reads_records);
  if (!claimed) return claimed.error();

  auto mark = DurableMark::open(claimed->durable_mark());
  if (!mark) return mark.error();

  auto store = open_store(claimed->database(), mark->store_end());
  if (!store) return store.error();

  std::unique_ptr<Database> database(new Database(std::move(*claimed), std::move(*mark), std::move(*store)));
  if (auto found = database->find_ends(); !found) return found.error();
  if (auto opened = database->open_log(segment_bytes); !opened) return opened.error();
  return database;
}

Database::Database(DataFolder folder, DurableMark mark, OpenedStore store)
    : folder_(std::move(folder)), durable_mark_(std::move(mark)), store_(std::move(store)) {
  // The default table, unused, to the back.
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

std::size_t Database::drop_caches() {
  const auto& factory = db().GetOptions(table(Table::messages)).table_factory;
  const auto* blocks = factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (blocks == nullptr || !blocks->block_cache) return 0;
  const std::size_t before = blocks->block_cache->GetUsage();
  blocks->block_cache->EraseUnRefEntries();
  return before - std::min(before, blocks->block_cache->GetUsage());
}

base::Result<void> Database::append(const std::function<void(SegmentedLog&)>& stage) {
  if (!look_for_room(Room::for_new)) return base::Error{base::ErrorCode::refused, kNearlyFull, "disk"};
  stage(*log_);
  if (auto written = log_->commit(); !written) return written;
  durable_mark_.raise_log_to(log_->end());
  return {};
}

base::Result<void> Database::write(rocksdb::WriteBatch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::now;
  // New messages stop first, so that those in the log can still be stored.
  if (!look_for_room(options.sync ? Room::for_new : Room::for_accepted)) {
    return base::Error{base::ErrorCode::refused, kNearlyFull, "disk"};
  }
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // counts each comparison of keys for this thread, for nobody
  const auto status = db().Write(options, &batch);
  if (!status.ok()) {
    healthy_ = false;
    return base::Error{base::ErrorCode::unknown, to_error(status, "write to the disk").text};
  }
  written_ = db().GetLatestSequenceNumber();  // one writer at a time: see store_mutex()
  // One write-ahead log: its sync covers all that was written before.
  if (options.sync) durable_mark_.raise_store_to(written_);
  return {};
}

bool Database::sync() {
  const std::uint64_t written = written_;
  if (written <= durable_mark_.store_end()) return true;
  if (!healthy_) return false;
  if (!db().SyncWAL().ok()) {
    healthy_ = false;
    return false;
  }
  durable_mark_.raise_store_to(written);
  return true;
}

bool Database::try_to_heal() {
  look_for_room(Room::for_new);
  if (has_room_) log_->heal();
  // RocksDB as Debian builds it ends the process when it tries too early, so the disk is asked by other means first.
  if (has_room_ && !healthy_ && sync_folder(folder_.log()) && db().Resume().ok()) healthy_ = true;
  return healthy();
}

// Asked before each write: RocksDB as Debian builds it ends the process when a file that could not be written is
// written to again, so it must never meet a full disk. Where there was ample room a moment ago there is still enough:
// the question costs as much as writing a message.
bool Database::has_room_for(std::uintmax_t bytes) const {
  const base::SteadyTime now = base::SteadyClock::now();
  if (bytes <= kAmpleBytes / 2 && now < ample_room_until_.load()) return true;
  std::error_code error;
  const auto space = std::filesystem::space(folder_.database(), error);
  if (error) return false;
  if (space.available >= kAmpleBytes) ample_room_until_ = now + kAmpleRoomFor;
  return space.available >= bytes;
}

bool Database::look_for_room(Room room) {
  const bool there = has_room_for(room == Room::for_new ? kReserveBytes : kReserveBytes / 2);
  if (!there || room == Room::for_new) has_room_ = there;
  return there;
}

base::Result<std::uint64_t> Database::last_sequence(const std::string& conversation_id) {
  if (const auto known = last_sequences_.find(conversation_id)) return *known;
  const std::string prefix = message_prefix(conversation_id);
  const std::unique_ptr<rocksdb::Iterator> at(db().NewIterator({}, table(Table::messages)));
  at->SeekForPrev(message_key(conversation_id, std::numeric_limits<std::uint64_t>::max()));
  if (!at->status().ok()) return to_error(at->status(), "read the last message");
  const bool found = at->Valid() && at->key().ToStringView().starts_with(prefix);
  return found ? read_number(at->key().ToStringView().substr(prefix.size())) : 0;
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

base::Result<void> Database::open_log(std::uint64_t segment_bytes) {
  auto log =
      SegmentedLog::open({.folder = folder_.log(),
                          .segment_bytes = segment_bytes,
                          .durable_end = std::max(committed_offset_.load(), durable_mark_.log_end()),
                          .has_room = [this](std::uint64_t bytes) { return has_room_for(kReserveBytes + bytes); }});
  if (!log) return log.error();
  log_ = std::move(*log);
  log_end_ = std::make_unique<TopicEnd>(log_->end());
  durable_mark_.raise_log_to(log_->end());
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
