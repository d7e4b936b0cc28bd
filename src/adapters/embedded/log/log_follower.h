// Reads the durable records of a data folder's log in order. Another process may be writing the folder. Takes no lock,
// changes nothing. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/embedded/log/frame_reader.h"
#include "adapters/embedded/log/segment_files.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

class LogFollower {
 public:
  // `from_end`: only records that arrive from now on. `not_found` when the folder holds no log.
  static base::Result<std::unique_ptr<LogFollower>> open(const std::filesystem::path& data_directory, bool from_end);

  // Begins with the record at `offset`, or with the first one after it when that record was removed.
  static base::Result<std::unique_ptr<LogFollower>> open_at(const std::filesystem::path& data_directory,
                                                            std::int64_t offset);

  // The records that have arrived since the last call, at most `records_max`. Does not wait. Skips records that
  // retention has removed.
  base::Result<std::vector<ConsumedRecord>> read(std::size_t records_max);

 private:
  explicit LogFollower(const std::filesystem::path& data_directory);
  base::Result<void> list();
  base::Result<std::optional<ConsumedRecord>> read_next();

  const std::filesystem::path folder_;
  const std::filesystem::path durable_mark_;
  std::int64_t next_ = 0;
  std::vector<SegmentFile> files_;
  std::optional<FrameReader> reader_;
};

}  // namespace message_service::embedded
