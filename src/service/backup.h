// Backups of data folders, for commands: through the service that holds the folder, or directly. One thread; blocks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "model/backup.h"
#include "service/own_url.h"
#include "wire/backup_json.h"

namespace message_service::service {

// The errors name the remedy.
base::Result<Backup> create_backup(const config::Settings& settings, const NamedService& service,
                                   const BackupRequest& request);

// `number`: 0 for all.
base::Result<std::vector<Backup>> verify_backups(const std::filesystem::path& folder, std::uint32_t number);

// Makes the data folder of these settings of a backup. `number`: 0 for the newest.
base::Result<Backup> restore_backup(const config::Settings& settings, const std::filesystem::path& folder,
                                    std::uint32_t number);

// Says that the store in MongoDB was restored from a backup, of which the nodes, that are stopped, will not be told
// otherwise: synchronous mode has no log, and Kafka may have deleted what the store lacks. Begins a new history.
// `refused`: the store is not in MongoDB.
base::Result<void> declare_restored(const config::Settings& settings);

}  // namespace message_service::service
