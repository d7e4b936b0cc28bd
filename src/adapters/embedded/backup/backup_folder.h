// A folder of backups of one data folder or of several. Private to the adapter; blocks; one user at a time.
//
//   store/          RocksDB's backups (BackupEngine), which hold each file of a table once
//   log/            files of the log: a complete segment once, the end of a backup's log for each backup
//   backups/        N.json describes backup N; written last, so what has no description is no backup
//   LOCK            held by the process that makes or restores a backup
#pragma once

#include <rocksdb/utilities/backup_engine.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/backup.h"

namespace message_service::embedded {

class BackupFolder {
 public:
  enum class Access { make, read };

  // `make` makes the folder if it is missing; its store is written at `bytes_per_second` at most. `conflict`: another
  // process holds it. `invalid`: the folder belongs to something else. `not_found`: nothing is there to read.
  static base::Result<BackupFolder> open(const std::filesystem::path& folder, Access access,
                                         std::uint64_t bytes_per_second = 0);

  BackupFolder(BackupFolder&& other) noexcept;
  BackupFolder& operator=(BackupFolder&&) = delete;
  ~BackupFolder();

  rocksdb::BackupEngine& store() { return *store_; }

  // By number.
  base::Result<std::vector<Backup>> list() const;

  // Durable on return; a file of that name and size is complete already.
  base::Result<void> add_log_file(const std::string& name, std::string_view bytes);
  base::Result<std::string> read_log_file(const Backup::LogFile& file) const;

  // From then on it is a backup.
  base::Result<void> describe(const Backup& backup);

  // Keeps the newest so many, and no file that only others have.
  base::Result<void> keep_newest(std::uint32_t count);

  // Compares every byte with its checksum. `corrupt` names the file.
  base::Result<void> verify(const Backup& backup);

 private:
  BackupFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::filesystem::path log() const { return folder_ / "log"; }
  std::filesystem::path descriptions() const { return folder_ / "backups"; }
  std::filesystem::path description_of(std::uint32_t number) const;

  std::filesystem::path folder_;
  int lock_;  // open file descriptor; closing it releases the lock
  std::unique_ptr<rocksdb::BackupEngine> store_;
};

// In hexadecimal, of a whole file.
std::string digest_of(std::string_view bytes);

}  // namespace message_service::embedded
