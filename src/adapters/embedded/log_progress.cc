#include "adapters/embedded/log_progress.h"

#include <algorithm>
#include <string>

#include "adapters/embedded/database.h"
#include "adapters/embedded/follower.h"
#include "adapters/embedded/tables.h"
#include "wire/event_json.h"

namespace message_service::embedded {

struct LogProgress::Parts {
  std::unique_ptr<Follower> follower;
  rocksdb::ColumnFamilyHandle* requested = nullptr;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
};

LogProgress::LogProgress(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LogProgress::~LogProgress() = default;

Result<std::unique_ptr<LogProgress>> LogProgress::open(const std::filesystem::path& data_directory) {
  auto follower = Follower::open(data_directory);
  if (!follower) return follower.error();
  auto parts = std::make_unique<Parts>();
  parts->requested = (*follower)->table(wire::kRequestedTopic);
  parts->meta = (*follower)->table("meta");
  parts->follower = std::move(*follower);
  if (parts->requested == nullptr || parts->meta == nullptr) {
    return Error{ErrorCode::corrupt, data_directory.string() + " lacks a table of the log"};
  }
  return std::unique_ptr<LogProgress>(new LogProgress(std::move(parts)));
}

Result<Progress> LogProgress::read() {
  if (auto now = parts_->follower->catch_up(); !now) return now.error();
  rocksdb::DB& db = parts_->follower->db();
  Progress progress;
  std::string committed;
  const auto status = db.Get({}, parts_->meta, std::string(kCommittedOffset), &committed);
  if (!status.ok() && !status.IsNotFound()) return to_error(status, "read the committed position");
  if (status.ok()) progress.committed = static_cast<std::int64_t>(read_number(committed));

  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}, parts_->requested));
  at->SeekToLast();
  if (!at->status().ok()) return to_error(at->status(), "find the end of the log");
  if (at->Valid()) progress.end = static_cast<std::int64_t>(read_number(at->key().ToStringView())) + 1;
  progress.end = std::max(progress.end, progress.committed);  // stored records go with time
  return progress;
}

}  // namespace message_service::embedded
