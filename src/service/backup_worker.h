// Makes the backups that operators ask a running service for: one at a time, on a thread of its own, which leaves
// processor and disk to the others.
//
// Owned by the service. Destroy after the shards have stopped.
#pragma once

#include <atomic>
#include <stop_token>

#include "http/routing/router.h"
#include "runtime/blocking_pool.h"
#include "service/backends.h"

namespace message_service::service {

class BackupWorker {
 public:
  // Adds its route. The back ends outlive it, and it outlives the use of the router.
  BackupWorker(Backends& backends, http::Router& router);
  ~BackupWorker() { stop(); }

  // A backup that is under way ends soon, and is answered as not made. Waits for nothing.
  void end_backup() { stop_.request_stop(); }

  // Waits for the backup's end: for ever, where its folder lies on a disk that never answers. Idempotent.
  void stop();

 private:
  Backends& backends_;
  std::stop_source stop_;
  std::atomic<bool> busy_ = false;
  runtime::BlockingPool thread_{1, 1, "backup"};
};

}  // namespace message_service::service
