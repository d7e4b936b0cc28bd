// Follows a topic of a data folder. Another process may be writing the folder. Read-only: takes no lock, changes
// nothing. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

class LogTail {
 public:
  // `topic`: a topic's name as in wire/event_json.h. `from_end`: only records that arrive from now on.
  static base::Result<std::unique_ptr<LogTail>> open(const std::filesystem::path& data_directory,
                                                     std::string_view topic, bool from_end);
  ~LogTail();
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;

  // The records that have arrived since the last call, at most `records_max`. Does not wait. Skips records that
  // retention has removed.
  base::Result<std::vector<ConsumedRecord>> read(std::size_t records_max);

 private:
  struct Topic;
  explicit LogTail(std::unique_ptr<Topic> topic);
  std::unique_ptr<Topic> topic_;
};

}  // namespace message_service::embedded
