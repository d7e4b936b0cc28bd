// POST /admin/backups {"directory","keep"?,"mibPerSecond"?}, for the operators' verb: the service makes a backup of its
// data folder, which no other process can open.
#pragma once

#include <functional>

#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "model/backup.h"
#include "wire/backup_json.h"

namespace message_service::api {

using CreateBackup = std::function<base::Result<Backup>(const BackupRequest& request)>;

// `executor` takes one backup at a time: 409 for another one. Whatever both use outlives the router.
void add_backup_routes(http::Router& router, CreateBackup create, base::BlockingExecutor executor);

}  // namespace message_service::api
