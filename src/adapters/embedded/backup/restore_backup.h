// Makes a data folder of a backup, and looks backups through. Private to the adapter; blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "model/backup.h"

namespace message_service::embedded {

// Compares every byte of every backup with its checksum; or of one of them, unless `number` is 0. Returns those that it
// has verified. `corrupt` names the file.
base::Result<std::vector<Backup>> verify_backups(const std::filesystem::path& folder, std::uint32_t number);

// Verifies a backup and makes a data folder of it, with a history of its own: its sequences may be taken again by other
// messages. `number`: 0 for the newest. The data folder must be empty or missing; until the restore is complete the
// service does not start on it.
base::Result<Backup> restore_backup(const std::filesystem::path& folder, std::uint32_t number,
                                    const std::filesystem::path& data_folder);

}  // namespace message_service::embedded
