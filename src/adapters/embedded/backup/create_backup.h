// Makes a backup of an open data folder while its log and store go on. Private to the adapter; any thread; blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "adapters/embedded/log/message_log.h"
#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/backup.h"

namespace message_service::embedded {

// What a backup is made of.
struct BackupSource {
  std::filesystem::path folder;
  std::string history_id;
  int records;  // the highest version of records that the log may hold
  Database& store;
  MessageLog& log;
};

// Everything that was accepted before the call is in the backup. `into`: a folder of backups; what is in it already is
// not written again. `keep`: the newest so many stay there; 0: all. Errors as BackupFolder::open().
base::Result<Backup> create_backup(const BackupSource& source, const std::filesystem::path& into, std::uint32_t keep,
                                   base::Timestamp now);

}  // namespace message_service::embedded
