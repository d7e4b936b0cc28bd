#include "adapters/embedded/log_progress.h"

#include <algorithm>
#include <string>

#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/log/log_follower.h"
#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/follower.h"
#include "adapters/embedded/store/tables.h"

namespace message_service::embedded {

struct LogProgress::Parts {
  std::filesystem::path data_directory;
  std::filesystem::path durable_mark;
  std::unique_ptr<Follower> follower;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
};

LogProgress::LogProgress(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LogProgress::~LogProgress() = default;

base::Result<std::unique_ptr<LogProgress>> LogProgress::open(const std::filesystem::path& data_directory) {
  auto follower = Follower::open(data_directory);
  if (!follower) return follower.error();
  auto parts = std::make_unique<Parts>();
  parts->data_directory = data_directory;
  parts->durable_mark = DataFolder::durable_mark_in(data_directory);
  parts->meta = (*follower)->table("meta");
  parts->follower = std::move(*follower);
  if (parts->meta == nullptr) {
    return base::Error{base::ErrorCode::corrupt, data_directory.string() + " lacks a table of the log"};
  }
  return std::unique_ptr<LogProgress>(new LogProgress(std::move(parts)));
}

base::Result<LogOffsets> LogProgress::read() {
  if (auto now = parts_->follower->catch_up(); !now) return now.error();
  rocksdb::DB& db = parts_->follower->db();
  LogOffsets offsets;
  std::string committed;
  const auto status = db.Get({}, parts_->meta, std::string(kCommittedOffset), &committed);
  if (!status.ok() && !status.IsNotFound()) return to_error(status, "read the committed position");
  if (status.ok()) offsets.committed = static_cast<std::int64_t>(read_number(committed));

  offsets.end = std::max(DurabilityMark::peek(parts_->durable_mark), offsets.committed);
  return offsets;
}

base::Result<std::optional<LogRecord>> LogProgress::record_at(std::int64_t offset) {
  auto log = LogFollower::open_at(parts_->data_directory, offset);
  if (!log) return log.error();
  auto records = (*log)->read(1);
  if (!records) return records.error();
  if (records->empty()) return std::optional<LogRecord>();
  return std::optional(std::move(records->front().record));
}

}  // namespace message_service::embedded
