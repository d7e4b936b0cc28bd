#include "adapters/embedded/backup/restore_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/embedded/backup/backup_folder.h"
#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/folder/file_errors.h"
#include "adapters/embedded/folder/look_at.h"
#include "adapters/embedded/folder/sync_folder.h"
#include "adapters/embedded/log/segment.h"
#include "adapters/embedded/log/segment_files.h"
#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/open_store.h"
#include "adapters/embedded/store/tables.h"
#include "model/ids.h"
#include "model/record_version.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

// Those of that number; all of them for 0. By number, never none.
base::Result<std::vector<Backup>> find_backups(const BackupFolder& folder, std::uint32_t number) {
  auto found = folder.list();
  if (!found) return found;
  if (found->empty()) return base::Error{base::ErrorCode::not_found, "the folder holds no complete backup"};
  if (number == 0) return found;
  std::erase_if(*found, [number](const Backup& backup) { return backup.number != number; });
  if (!found->empty()) return found;
  return base::Error{base::ErrorCode::not_found, "the folder holds no backup " + std::to_string(number)};
}

base::Result<void> make_empty(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return system_error(folder, "make", error.value());
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  if (entries->empty()) return {};
  return base::Error{base::ErrorCode::conflict, folder.string() + " is not empty; name another data folder"};
}

base::Result<void> sync_files_in(const fs::path& folder) {
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    const int file = ::open(entry.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    const base::Error failure = synced ? base::Error{} : system_error(entry, "sync");
    if (file >= 0) ::close(file);
    if (!synced) return failure;
  }
  return sync_folder(folder);
}

base::Result<void> restore_log(const BackupFolder& backups, const Backup& backup, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return system_error(folder, "make", error.value());
  for (const Backup::LogFile& file : backup.log) {
    const auto bytes = backups.read_log_file(file);
    if (!bytes) return bytes.error();
    const auto segment = Segment::make(segment_path(folder, file.first_offset), {.first_offset = file.first_offset});
    if (!segment) return segment.error();
    if (auto written = (*segment)->write(0, *bytes); !written) return written;
    if (auto synced = (*segment)->sync(); !synced) return synced;
  }
  return sync_folder(folder);
}

// The log gets another id, too: a store elsewhere must not take its next records for those that it has stored.
base::Result<void> begin_new_history(const fs::path& database) {
  const auto opened = open_store(database, 0);
  if (!opened) return opened.error();
  auto* const meta = opened->tables[1 + static_cast<std::size_t>(Table::meta)];  // behind the unused default table
  rocksdb::WriteBatch rows;
  rows.Put(meta, std::string(kHistoryId), make_uuid_v7(base::wall_now()));
  rows.Delete(meta, std::string(kLogId));
  rocksdb::WriteOptions now;
  now.sync = true;
  if (const auto status = opened->db->Write(now, &rows); !status.ok()) return to_error(status, "begin a new history");
  return {};
}

}  // namespace

base::Result<std::vector<Backup>> verify_backups(const fs::path& folder, std::uint32_t number) {
  auto backups = BackupFolder::open(folder, BackupFolder::Access::read);
  if (!backups) return backups.error();
  auto found = find_backups(*backups, number);
  if (!found) return found;
  for (const Backup& backup : *found) {
    if (auto good = backups->verify(backup); !good) return good.error();
  }
  return found;
}

base::Result<Backup> restore_backup(const fs::path& folder, std::uint32_t number, const fs::path& data_folder) {
  umask(S_IRWXG | S_IRWXO);  // no other user may read messages
  auto backups = BackupFolder::open(folder, BackupFolder::Access::read);
  if (!backups) return backups.error();
  auto found = find_backups(*backups, number);
  if (!found) return found.error();
  const Backup& backup = found->back();
  if (backup.records > kRecordVersion) {
    return base::Error{base::ErrorCode::invalid, "the backup may hold records of version " +
                                                     std::to_string(backup.records) +
                                                     ", which this program does not read; restore it by a newer one"};
  }
  if (auto verified = backups->verify(backup); !verified) return verified.error();
  if (auto empty = make_empty(data_folder); !empty) return empty.error();

  const fs::path database = DataFolder::database_in(data_folder);
  const auto status = backups->store().RestoreDBFromBackup(backup.number, database.string(), database.string());
  if (!status.ok()) return to_error(status, "restore the store");
  if (auto log = restore_log(*backups, backup, DataFolder::log_in(data_folder)); !log) return log.error();
  if (auto begun = begin_new_history(database); !begun) return begun.error();
  if (auto synced = sync_files_in(database); !synced) return synced.error();
  {
    auto mark = DurabilityMark::open(DataFolder::durable_mark_in(data_folder));
    if (!mark) return mark.error();
    mark->raise_log_to(backup.log_end);
  }
  if (auto finished = DataFolder::finish(data_folder, backup.records); !finished) return finished.error();
  return backup;
}

}  // namespace message_service::embedded
