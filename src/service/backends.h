// The log and the store that the configuration names, behind the pipeline's ports: any pair of them.
//
// The service makes, stops and destroys it on one thread; the ports live as long as it does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "model/backup.h"
#include "observe/metrics.h"
#include "ports/event_log.h"
#include "ports/event_source.h"
#include "ports/log_reader.h"
#include "ports/log_writer.h"
#include "ports/store.h"
#include "ports/store_reader.h"
#include "ports/version_register.h"
#include "service/dependency.h"
#include "service/roles.h"

namespace message_service::service {

// Whether the log or the store is the embedded one. Only one process at a time has its folder.
inline bool uses_data_folder(const config::Providers& providers) {
  return providers.event_log == config::EventLog::embedded || providers.message_store == config::MessageStore::embedded;
}

// `refused`: there is no data folder to back up.
base::Error no_data_folder();

class Backends {
 public:
  // `invalid`, `conflict` and `corrupt` mean that the configuration, a topic or the data folder must be put right
  // first.
  static base::Result<std::unique_ptr<Backends>> open(const config::Settings& settings, const Roles& roles,
                                                      const Metrics& metrics);

  virtual ~Backends() = default;

  virtual LogWriter& log_writer() = 0;
  virtual Store& store() = 0;
  virtual StoreReader& store_reader() = 0;
  virtual EventLog& event_log() = 0;

  // Of a node that persists: one for each persister.
  virtual std::vector<LogReader*> log_readers() = 0;
  virtual std::string store_name() const = 0;
  // Whether only this node stores the records of its log.
  virtual bool owns_log() const = 0;

  // Of a node with a hub.
  virtual EventSource& event_source() = 0;

  // The record versions that the nodes on this log and this store may write.
  virtual VersionRegister& versions() = 0;

  virtual std::vector<Dependency> dependencies() const = 0;

  // A backup of the data folder, beside all other work: see Embedded::create_backup().
  virtual base::Result<Backup> create_backup(const BackupRequest& /*request*/, const std::stop_token& /*stop*/) {
    return no_data_folder();
  }

  // Drops data that is in memory only for faster reads; returns about how many bytes it dropped.
  virtual std::size_t drop_caches() { return 0; }
};

}  // namespace message_service::service
