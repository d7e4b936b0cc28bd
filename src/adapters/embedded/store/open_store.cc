#include "adapters/embedded/store/open_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/table_files.h"
#include "adapters/embedded/store/table_options.h"

namespace message_service::embedded {

namespace {

// RocksDB's batches begin with the number of their first entry, 8 bytes, little-endian (write_batch.cc).
std::uint64_t first_number_of(const rocksdb::WriteBatch& batch) {
  const std::string& bytes = batch.Data();
  std::uint64_t number = 0;
  for (std::size_t i = 8; i-- > 0;) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return number;
}

constexpr std::uint64_t kTableFilesMost = 512;
constexpr std::uint64_t kTableFilesLeast = 32;  // RocksDB takes no fewer than 20

enum class Access { write, read };

struct Attempt {
  rocksdb::Status status;
  OpenedStore store;
};

Attempt open(const std::filesystem::path& folder, rocksdb::WALRecoveryMode mode, Access access) {
  OpenedStore store;
  store.filter = std::make_unique<UnbrokenBatches>();
  auto options = database_options();
  options.wal_recovery_mode = mode;
  options.wal_filter = store.filter.get();
  options.max_open_files = static_cast<int>(table_files_max());
  rocksdb::DB* raw = nullptr;
  auto status = access == Access::write
                    ? rocksdb::DB::Open(options, folder.string(), table_descriptors(), &store.tables, &raw)
                    : rocksdb::DB::OpenForReadOnly(options, folder.string(), table_descriptors(), &store.tables, &raw);
  store.db.reset(raw);
  return {std::move(status), std::move(store)};
}

// How far a replay would get. Changes nothing.
base::Result<std::uint64_t> find_end(const std::filesystem::path& folder, std::string_view doing) {
  const auto looked = open(folder, rocksdb::WALRecoveryMode::kPointInTimeRecovery, Access::read);
  if (!looked.status.ok()) return to_error(looked.status, doing);
  return looked.store.db->GetLatestSequenceNumber();
}

}  // namespace

std::size_t table_files_max() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kTableFilesLeast;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(limit.rlim_cur / 8, kTableFilesLeast, kTableFilesMost));
}

OpenedStore::~OpenedStore() {
  for (auto* table : tables) db->DestroyColumnFamilyHandle(table);
  if (db) db->Close().PermitUncheckedError();  // everything reported was synced; there is nothing left to lose
}

rocksdb::WalFilter::WalProcessingOption UnbrokenBatches::LogRecordFound(unsigned long long /*file*/,
                                                                        const std::string& /*file_name*/,
                                                                        const rocksdb::WriteBatch& batch,
                                                                        rocksdb::WriteBatch* /*changed*/,
                                                                        bool* /*is_changed*/) {
  const std::uint64_t first = first_number_of(batch);
  if (next_ != 0 && first > next_) return WalProcessingOption::kCorruptedRecord;
  next_ = std::max(next_, first + batch.Count());
  return WalProcessingOption::kContinueProcessing;
}

base::Result<OpenedStore> open_store(const std::filesystem::path& folder, std::uint64_t durable) {
  const std::string doing = "open the database in " + folder.string();
  auto opened = open(folder, rocksdb::WALRecoveryMode::kAbsoluteConsistency, Access::write);
  if (opened.status.IsCorruption()) {
    const auto end = find_end(folder, doing);
    if (!end) return end.error();
    if (*end < durable) return to_error(opened.status, doing);
    auto without_the_rest = open(folder, rocksdb::WALRecoveryMode::kPointInTimeRecovery, Access::write);
    if (!without_the_rest.status.ok()) return to_error(without_the_rest.status, doing);
    return std::move(without_the_rest.store);
  }
  if (!opened.status.ok()) return to_error(opened.status, doing);
  if (opened.store.db->GetLatestSequenceNumber() < durable) {
    return base::Error{base::ErrorCode::corrupt,
                       "cannot " + doing + ": batches that were durable are missing at its end"};
  }
  return std::move(opened.store);
}

}  // namespace message_service::embedded
