// The embedded log and store: every port of the pipeline on this machine's disk. The log lies in segment files, all
// else in one RocksDB database.
//
// One process owns a data folder at a time. An appended record is synced before it is reported. A message, its event,
// its sequence and the log position that it came from are written in one atomic batch, so a crash at any point neither
// loses nor doubles anything. Made and destroyed by the service; the ports live as long as this does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/embedded/log/append_options.h"
#include "adapters/embedded/store/table_files.h"
#include "base/result.h"
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
  std::filesystem::path data_directory;
  AppendOptions append;
  std::uint64_t log_segment_bytes = std::uint64_t{8} << 20;
  int reads_records = kRecordVersion;  // the highest version of records that this program reads

  // Records that were stored (or announced) go when they are older than this or their topic is larger than that; those
  // of the log a segment at a time.
  // Dead letters stay until they are retried or discarded.
  std::chrono::milliseconds retention_age_max = std::chrono::hours(168);
  std::uint64_t retention_bytes_max = std::uint64_t{1} << 30;
  std::chrono::milliseconds retention_interval = std::chrono::minutes(1);

  std::shared_ptr<Damage> damage = std::make_shared<Damage>();  // told of rows that cannot be read
};

class Embedded {
 public:
  // Opens the folder, making it if it is missing. The errors say what is in the way and leave everything untouched:
  // `conflict` another process holds it, `invalid` it is something else's folder, `corrupt` its bytes are damaged.
  static base::Result<std::unique_ptr<Embedded>> open(const Options& options);

  Embedded(const Embedded&) = delete;
  Embedded& operator=(const Embedded&) = delete;
  ~Embedded();

  LogWriter& log_writer();
  LogReader& log_reader();
  Store& store();                // of the messages of this log
  Store& store_for_other_log();  // instead of store()
  StoreReader& store_reader();
  EventLog& event_log();
  EventSource& event_source();
  VersionRegister& versions();

  // The log as it is now, for a store that makes its sequences from log positions.
  struct LogShape {
    std::string log_id;  // made once with the log, and no other log's
    std::int64_t end_offset = 0;
  };
  base::Result<LogShape> log_shape();

  // Drops what the store keeps in memory only to be read faster: about so many bytes.
  std::size_t drop_caches();

  // False while the disk refuses writes; it recovers by itself when the disk does.
  bool healthy() const;

 private:
  struct Parts;
  explicit Embedded(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::embedded
