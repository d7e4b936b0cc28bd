// A backup of a data folder, as its folder of backups and operators know it. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace message_service {

// What an operator asks for.
struct BackupRequest {
  std::string directory;              // a folder of backups
  std::uint32_t keep = 0;             // the newest so many stay; 0: all
  std::uint32_t mib_per_second = 64;  // copied at most, which leaves the disk to the service
};

struct Backup {
  // One file with records of the log.
  struct LogFile {
    std::string name;
    std::int64_t first_offset = 0;
    std::uint64_t bytes = 0;
    std::string sha256;  // hexadecimal
  };

  std::uint32_t number = 0;  // 1 and on, in its folder
  base::Timestamp created_at = 0;
  std::string history_id;    // of the data folder: see Embedded::history_id()
  int records = 1;           // the highest version of records in it
  std::int64_t log_end = 0;  // the offset after the last record in it
  std::vector<LogFile> log;
  std::string warning{};  // what went wrong once it was made, for its operator; empty: nothing
};

}  // namespace message_service
