// The embedded log and store: every port of the pipeline on this machine's disk. The log is in segment files,
// everything else in one RocksDB database.
//
// One process owns a data folder at a time. The log syncs an appended record before it reports it. One atomic batch
// writes a message, its event, its sequence and the log position of its record, so a crash at any point neither loses
// nor duplicates anything. The service makes and destroys an Embedded; its ports live as long as it does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "adapters/embedded/log/append_options.h"
#include "adapters/embedded/store/table_files.h"
#include "base/bounds.h"
#include "base/result.h"
#include "model/backup.h"
#include "observe/damage.h"
#include "ports/event_log.h"
#include "ports/event_source.h"
#include "ports/log_reader.h"
#include "ports/log_writer.h"
#include "ports/store.h"
#include "ports/store_reader.h"
#include "ports/version_register.h"

namespace message_service::embedded {

struct Options {
  std::filesystem::path data_directory = "data";
  AppendOptions append;
  std::uint64_t log_segment_bytes = std::uint64_t{8} << 20;
  int reads_records = kRecordVersion;  // the highest version of records that this program reads

  // Retention removes stored (or announced) records that are older than retention_age_max, or whose topic is larger
  // than retention_bytes_max. It removes records of the log a segment at a time.
  // It removes no dead letters.
  std::chrono::milliseconds retention_age_max = std::chrono::hours(168);
  static constexpr base::Bounds retention_age_bounds{std::chrono::hours(1), std::chrono::hours(87'600)};
  std::uint64_t retention_bytes_max = std::uint64_t{1} << 30;
  static constexpr base::Bounds<std::uint64_t> retention_bytes_bounds{std::uint64_t{1} << 20, std::uint64_t{1} << 40};
  std::chrono::milliseconds retention_interval = std::chrono::minutes(1);
  static constexpr base::Bounds<std::chrono::milliseconds> retention_interval_bounds{std::chrono::milliseconds(100),
                                                                                     std::chrono::hours(24)};

  std::shared_ptr<Damage> damage = std::make_shared<Damage>();  // counts rows that cannot be read
};

class Embedded {
 public:
  // Opens the folder, and makes it if it is missing. An error names the obstacle and leaves everything untouched.
  // `conflict`: another process holds the folder. `invalid`: the folder belongs to something else. `corrupt`: its bytes
  // are damaged.
  static base::Result<std::unique_ptr<Embedded>> open(const Options& options);

  Embedded(const Embedded&) = delete;
  Embedded& operator=(const Embedded&) = delete;
  ~Embedded();

  LogWriter& log_writer();
  LogReader& log_reader();
  Store& store();                // for messages of this log
  Store& store_for_other_log();  // instead of store()
  StoreReader& store_reader();
  EventLog& event_log();
  EventSource& event_source();
  VersionRegister& versions();

  // The log as it is now, for a store that makes its sequences from log positions.
  struct LogShape {
    std::string log_id;  // made once; no other log has it
    std::int64_t end_offset = 0;
  };
  base::Result<LogShape> log_shape();

  // Another one begins where a backup is restored: sequences that clients have seen may then be taken again.
  base::Result<std::string> history_id();

  // Beside all other work; everything that was accepted before the call is in it. The folder of backups is made if it
  // is missing; files that it has already are not written again. `conflict`: a backup is under way there. `invalid`:
  // the folder belongs to something else. `unavailable`: `stop` has ended it. Any thread; blocks long.
  base::Result<Backup> create_backup(const BackupRequest& request, const std::stop_token& stop = {});

  // Frees memory that the store uses only to read faster. Returns roughly the number of bytes freed.
  std::size_t drop_caches();

  // False while the disk refuses writes. Becomes true by itself when the disk recovers.
  bool healthy() const;

 private:
  struct Parts;
  explicit Embedded(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::embedded
