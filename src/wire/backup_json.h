// The JSON form of a backup. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/backup.h"

namespace message_service::wire {

std::string backup_json(const Backup& backup);

// `corrupt` for a text of another form.
base::Result<Backup> read_backup(std::string_view json);

// The body {"directory", "keep"?, "mibPerSecond"?} of POST /admin/backups.
base::Result<BackupRequest> read_backup_request(std::string_view json);
std::string backup_request_json(const BackupRequest& request);

}  // namespace message_service::wire
