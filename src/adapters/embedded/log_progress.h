// How far the messages of a data folder are stored. Another process may be writing the folder. Read-only: takes no
// lock, changes nothing. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

// Each is the offset of the next record.
struct LogOffsets {
  std::int64_t committed = 0;
  std::int64_t end = 0;  // after the newest record
};

class LogProgress {
 public:
  // `not_found` when the folder holds no log.
  static base::Result<std::unique_ptr<LogProgress>> open(const std::filesystem::path& data_directory);
  ~LogProgress();
  LogProgress(const LogProgress&) = delete;
  LogProgress& operator=(const LogProgress&) = delete;

  base::Result<LogOffsets> read();

  // The first record from `offset` on; nothing when there is none.
  base::Result<std::optional<LogRecord>> record_at(std::int64_t offset);

 private:
  struct Parts;
  explicit LogProgress(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::embedded
