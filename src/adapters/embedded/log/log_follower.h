// Reads the log of a data folder that another process may be writing: what is durable, in order. Takes no lock, changes
// nothing. One thread.
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
  // `from_end`: only what comes from now on. `not_found` when the folder holds no log.
  static base::Result<std::unique_ptr<LogFollower>> open(const std::filesystem::path& data_directory, bool from_end);

  // From a record on, or the first one behind it where it is gone.
  static base::Result<std::unique_ptr<LogFollower>> open_at(const std::filesystem::path& data_directory,
                                                            std::int64_t offset);

  // What has come since the last call, at most `records_max`; does not wait. Records that retention has taken are
  // passed.
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
