// The store's RocksDB, opened as a kill or a power cut has left it.
//
// Batches that the log can make again are not synced one by one, so a power cut may take any pages of what was written
// since the last sync to the write-ahead log, not only its end. The store is then what it was before the first batch
// that is not whole: RocksDB sees broken bytes, and here is seen what it cannot, a batch that is missing between two
// (pages of zeros count for nothing, and a file that ends early has no mark of its end).
//
// Batches that are missing although they were synced are damage, and refused with nothing touched.
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

// Stops a replay where a sequence number of RocksDB's is missing: each batch begins behind the last entry of the one
// before. A failed write may have used its numbers twice.
class UnbrokenBatches final : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "unbroken-batches"; }
  WalProcessingOption LogRecordFound(unsigned long long file, const std::string& file_name,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* changed,
                                     bool* is_changed) override;

 private:
  std::uint64_t next_ = 0;  // 0: the first one may have any number
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

// `durable`: the sequence number up to which it was synced for certain. `corrupt` for a store that ends before.
base::Result<OpenedStore> open_store(const std::filesystem::path& folder, std::uint64_t durable);

}  // namespace message_service::embedded
