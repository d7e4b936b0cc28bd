#include "adapters/embedded/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace message_service::embedded {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

rocksdb::ColumnFamilyOptions table_options(bool point_lookups, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;  // counted in the cache, so memory has one bound
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.format_version = 5;
  if (point_lookups) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.write_buffer_size = 8 * kMiB;
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kLZ4Compression;
  return options;
}

}  // namespace

rocksdb::Options database_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A torn last record is what a power cut leaves of an unacknowledged write; damage anywhere else must be reported.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_total_wal_size = 128 * kMiB;
  options.db_write_buffer_size = 48 * kMiB;
  options.max_background_jobs = 2;
  options.bytes_per_sync = kMiB;
  options.enable_pipelined_write = true;  // an append need not wait for the store's batch to reach the memtable
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> table_descriptors() {
  const auto cache = rocksdb::NewLRUCache(32 * kMiB);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, table_options(false, cache));
  for (const std::string_view name : kTableNames) {
    const bool point_lookups = name == "keys" || name == "conversations" || name == "sequences";
    descriptors.emplace_back(std::string(name), table_options(point_lookups, cache));
  }
  return descriptors;
}

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const bool damaged = status.IsCorruption();
  return {damaged ? ErrorCode::corrupt : ErrorCode::unavailable,
          "cannot " + std::string(doing) + ": " + status.ToString()};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder) {
  auto claimed = DataFolder::claim(folder);
  if (!claimed) return claimed.error();

  rocksdb::DB* raw = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;
  const auto status =
      rocksdb::DB::Open(database_options(), claimed->database().string(), table_descriptors(), &tables, &raw);
  if (!status.ok()) return to_error(status, "open the database in " + folder.string());

  std::unique_ptr<Database> database(
      new Database(std::move(*claimed), std::unique_ptr<rocksdb::DB>(raw), std::move(tables)));
  if (auto found = database->find_ends(); !found) return found.error();
  return database;
}

Database::Database(DataFolder folder, std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> tables)
    : folder_(std::move(folder)), db_(std::move(db)), tables_(std::move(tables)) {
  std::rotate(tables_.begin(), tables_.begin() + 1, tables_.end());  // the default one, unused, to the back
}

Database::~Database() {
  for (auto* table : tables_) db_->DestroyColumnFamilyHandle(table);
  db_->Close().PermitUncheckedError();  // everything reported was synced; there is nothing left to lose
}

Result<std::optional<std::string>> Database::get(Table table, std::string_view key) {
  std::string value;
  const auto status = db_->Get({}, this->table(table), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_error(status, "read from the store");
  return std::optional<std::string>(std::move(value));
}

Result<void> Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status = db_->Write(synced, &batch);
  if (status.ok()) return {};
  healthy_ = false;
  return to_error(status, "write to the disk");
}

bool Database::try_to_heal() {
  if (!healthy_ && db_->Resume().ok()) healthy_ = true;
  return healthy_;
}

Result<void> Database::find_ends() {
  auto committed = get(Table::meta, kCommittedOffset);
  if (!committed) return committed.error();
  if (*committed) committed_offset_ = static_cast<std::int64_t>(read_number(**committed));

  for (const Table topic : {Table::requested, Table::sent, Table::dead}) {
    auto next = next_offset(topic);
    if (!next) return next.error();
    ends_[static_cast<std::size_t>(topic)] = std::make_unique<TopicEnd>(*next);
  }
  if (committed_offset_ > end(Table::requested).next()) {
    return Error{ErrorCode::corrupt, "the committed position lies behind the end of the log: records are missing"};
  }
  return {};
}

Result<std::int64_t> Database::next_offset(Table topic) {
  const std::unique_ptr<rocksdb::Iterator> records(db_->NewIterator({}, table(topic)));
  records->SeekToLast();
  if (!records->status().ok()) return to_error(records->status(), "read the end of the log");
  if (!records->Valid()) return 0;
  return static_cast<std::int64_t>(read_number(records->key().ToStringView())) + 1;
}

}  // namespace message_service::embedded
