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
                                   const wire::BackupRequest& request);

// `number`: 0 for all.
base::Result<std::vector<Backup>> verify_backups(const std::filesystem::path& folder, std::uint32_t number);

// Makes the data folder of these settings of a backup. `number`: 0 for the newest.
base::Result<Backup> restore_backup(const config::Settings& settings, const std::filesystem::path& folder,
                                    std::uint32_t number);

}  // namespace message_service::service
