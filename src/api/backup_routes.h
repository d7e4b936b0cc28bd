// POST /admin/backups {"directory","keep"?}, for the operators' verb: the service makes a backup of its data folder,
// which no other process can open.
#pragma once

#include <functional>

#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "model/backup.h"
#include "wire/backup_json.h"

namespace message_service::api {

using CreateBackup = std::function<base::Result<Backup>(const wire::BackupRequest& request)>;

// Whatever `create` uses outlives the router.
void add_backup_routes(http::Router& router, CreateBackup create, base::BlockingExecutor blocking);

}  // namespace message_service::api
