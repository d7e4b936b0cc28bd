#include "adapters/embedded/embedded.h"

#include "adapters/embedded/backup/create_backup.h"
#include "adapters/embedded/folder/version_register.h"
#include "adapters/embedded/log/group_commit_writer.h"
#include "adapters/embedded/log_reader.h"
#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/retention.h"
#include "adapters/embedded/store/embedded_store.h"
#include "adapters/embedded/store/event_log.h"
#include "adapters/embedded/store/event_source.h"
#include "adapters/embedded/store/store_reader.h"
#include "adapters/embedded/store/stored_id.h"

namespace message_service::embedded {

struct Embedded::Parts {
  Parts(std::unique_ptr<OpenedFolder> opened, const Options& options)
      : damage(options.damage),
        folder(std::move(opened)),
        log_writer(folder->log(), folder->mark(), folder->disk(), folder->store_for_log(), options.append),
        log_reader(folder->log(), folder->store()),
        store(folder->store(), *damage, LogPlace::here),
        store_for_other_log(folder->store(), *damage, LogPlace::elsewhere),
        store_reader(folder->store(), *damage),
        event_log(folder->store(), *damage),
        event_source(folder->store(), *damage),
        versions(folder->folder()),
        retention(folder->log(), folder->store(), event_source, options) {}

  std::shared_ptr<Damage> damage;
  std::unique_ptr<OpenedFolder> folder;
  GroupCommitWriter log_writer;
  EmbeddedLogReader log_reader;
  EmbeddedStore store;
  EmbeddedStore store_for_other_log;
  EmbeddedStoreReader store_reader;
  EmbeddedEventLog event_log;
  EmbeddedEventSource event_source;
  EmbeddedVersionRegister versions;
  Retention retention;
};

base::Result<std::unique_ptr<Embedded>> Embedded::open(const Options& options) {
  auto folder = OpenedFolder::open(options.data_directory, options.log_segment_bytes, options.reads_records);
  if (!folder) return folder.error();
  std::unique_ptr<Embedded> opened(new Embedded(std::make_unique<Parts>(std::move(*folder), options)));
  (void)opened->history_id();  // made now, where it is missing: later the disk may be full
  return opened;
}

Embedded::Embedded(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Embedded::~Embedded() = default;

LogWriter& Embedded::log_writer() { return parts_->log_writer; }
LogReader& Embedded::log_reader() { return parts_->log_reader; }
Store& Embedded::store() { return parts_->store; }
Store& Embedded::store_for_other_log() { return parts_->store_for_other_log; }
StoreReader& Embedded::store_reader() { return parts_->store_reader; }
EventSource& Embedded::event_source() { return parts_->event_source; }
EventLog& Embedded::event_log() { return parts_->event_log; }
VersionRegister& Embedded::versions() { return parts_->versions; }
base::Result<Embedded::LogShape> Embedded::log_shape() {
  auto id = stored_id(parts_->folder->store(), kLogId);
  if (!id) return id.error();
  return LogShape{.log_id = std::move(*id), .end_offset = parts_->folder->log().end.next()};
}

base::Result<std::string> Embedded::history_id() { return stored_id(parts_->folder->store(), kHistoryId); }

base::Result<Backup> Embedded::create_backup(const BackupRequest& request, const std::stop_token& stop) {
  OpenedFolder& folder = *parts_->folder;
  auto history = history_id();
  if (!history) return history.error();
  return embedded::create_backup({.folder = folder.folder().path(),
                                  .history_id = std::move(*history),
                                  .records = folder.folder().records(),
                                  .store = folder.store(),
                                  .log = folder.log()},
                                 request, stop);
}

std::size_t Embedded::drop_caches() { return parts_->folder->store().drop_caches(); }
bool Embedded::healthy() const { return parts_->folder->disk().healthy(); }

}  // namespace message_service::embedded
