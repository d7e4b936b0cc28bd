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

// Whatever ends the backup, the next one may begin.
struct Turn {
  std::atomic<bool>& busy;
  ~Turn() { busy = false; }
};

}  // namespace

BackupWorker::BackupWorker(Backends& backends, http::Router& router) : backends_(backends) {
  const auto one_at_a_time = [this](std::function<void()> work) {
    if (busy_.exchange(true)) return false;
    const bool taken = thread_.submit(std::move(work));
    if (!taken) busy_ = false;
    return taken;
  };
  const auto create = [this](const BackupRequest& request) {
    make_way_for_others();
    const Turn turn{busy_};
    return backends_.create_backup(request, stop_.get_token());
  };
  api::add_backup_routes(router, create, one_at_a_time);
}

void BackupWorker::stop() {
  end_backup();
  thread_.stop();
}

}  // namespace message_service::service
