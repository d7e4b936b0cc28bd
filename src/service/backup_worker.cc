#include "service/backup_worker.h"

#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>

#include "api/backup_routes.h"

namespace message_service::service {

namespace {

constexpr int kNice = 10;
constexpr int kLastInLine = 7;  // of the eight levels of best effort

// Of this thread, and of those that it starts. A kernel that refuses leaves them as they are.
void make_way_for_others() {
  (void)setpriority(PRIO_PROCESS, 0, kNice);
  (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, kLastInLine));
}

}  // namespace

BackupWorker::BackupWorker(Backends& backends, http::Router& router) : backends_(backends) {
  const auto one_at_a_time = [this](std::function<void()> work) {
    return !busy_.exchange(true) && thread_.submit(std::move(work));
  };
  api::add_backup_routes(
      router, [this](const BackupRequest& request) { return create(request); }, one_at_a_time);
}

base::Result<Backup> BackupWorker::create(const BackupRequest& request) {
  make_way_for_others();
  auto backup = backends_.create_backup(request, stop_.get_token());
  busy_ = false;
  return backup;
}

void BackupWorker::stop() {
  stop_.request_stop();
  thread_.stop();
}

}  // namespace message_service::service
