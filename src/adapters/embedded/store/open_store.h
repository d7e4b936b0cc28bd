// Opens the store's RocksDB in the state in which a kill or a power cut has left it.
//
// Batches that the log can make again are not synced one by one. A power cut may therefore destroy any pages of the
// write-ahead log that were written since its last sync, not only its end. The store then returns to its state before
// the first batch that is not whole. RocksDB detects broken bytes. The filter below detects a batch that is missing
// between two others, which RocksDB cannot (it ignores pages of zeros, and a file that ends early has no mark of its
// end).
//
// Batches that are missing although they were synced are damage: open_store() refuses the store and touches nothing.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace message_service::embedded {

// Stops a replay where a sequence number of RocksDB's is missing: each batch begins after the last entry of the batch
// before. A batch may use the numbers of a failed write again.
class UnbrokenBatches final : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "unbroken-batches"; }
  WalProcessingOption LogRecordFound(unsigned long long file, const std::string& file_name,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* changed,
                                     bool* is_changed) override;

 private:
  std::uint64_t next_ = 0;  // 0: the first batch may have any number
};

struct OpenedStore {
  std::unique_ptr<UnbrokenBatches> filter;  // RocksDB keeps a pointer to it
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;

  OpenedStore() = default;
  OpenedStore(OpenedStore&&) = default;
  OpenedStore& operator=(OpenedStore&&) = delete;
  ~OpenedStore();
};

// `durable`: the sequence number up to which the store was certainly synced. `corrupt` for a store that ends before it.
base::Result<OpenedStore> open_store(const std::filesystem::path& folder, std::uint64_t durable);

}  // namespace message_service::embedded
