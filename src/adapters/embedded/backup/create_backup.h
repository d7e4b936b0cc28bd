// Makes a backup of an open data folder while its log and store go on. Private to the adapter; any thread; blocks.
#pragma once

#include <filesystem>
#include <stop_token>
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

// Everything that was accepted before the call is in the backup. What the folder has already is not written again.
// Errors as BackupFolder::open(); `unavailable`: `stop` has ended it, and what it wrote is no backup.
base::Result<Backup> create_backup(const BackupSource& source, const BackupRequest& request,
                                   const std::stop_token& stop);

}  // namespace message_service::embedded
