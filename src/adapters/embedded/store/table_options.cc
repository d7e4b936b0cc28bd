#include "adapters/embedded/store/table_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <memory>
#include <string>
#include <string_view>

#include "adapters/embedded/store/key_entries.h"
#include "adapters/embedded/store/resumable_files.h"
#include "adapters/embedded/store/tables.h"

namespace message_service::embedded {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Replaces RocksDB's own diagnostic file: on a full disk, writing to that file ends the process. Every Status holds its
// important content.
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

// A key without the number at its end: the rows of one conversation follow one another.
class BeforeNumber final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "before-number"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), key.size() - kNumberBytes}; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() >= kNumberBytes; }
};

// Rows arrive in the order of their keys, within a conversation (Use::rows) or, nearly, within the table (the rest). A
// memtable that looks for a row's place after the row before compares a fifth of the keys. Do not combine this with
// DeleteRange: RocksDB 7.8 mixes up the hints of rows and range tombstones.
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
  options.max_bgerror_resume_count = 0;  // Database::heal() resumes, not RocksDB by itself
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;  // for followers
  options.max_total_wal_size = 128 * kMiB;
  options.db_write_buffer_size = 48 * kMiB;
  options.max_background_jobs = 2;
  options.bytes_per_sync = kMiB;
  options.wal_bytes_per_sync = kMiB;
  options.allow_concurrent_memtable_write = false;  // there is one writer at a time anyway, and it uses hints
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

}  // namespace message_service::embedded
