#include "adapters/embedded/backup/create_backup.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "adapters/embedded/backup/backup_folder.h"
#include "adapters/embedded/folder/look_at.h"
#include "adapters/embedded/log/frame_reader.h"
#include "adapters/embedded/store/errors.h"
#include "base/hex.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

// Both real.
bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

base::Result<void> check_apart(const fs::path& backups, const fs::path& data) {
  const auto one = real_path(backups);
  if (!one) return one.error();
  const auto other = real_path(data);
  if (!other) return other.error();
  if (!is_within(*one, *other) && !is_within(*other, *one)) return {};
  return base::Error{base::ErrorCode::invalid, "a backup cannot lie in the data folder, nor around it"};
}

// The place in the file after the last record before `end`.
base::Result<std::uint64_t> position_of(const std::shared_ptr<Segment>& segment, std::int64_t end) {
  FrameReader reader(segment);
  while (reader.next_offset() < end) {
    const std::int64_t offset = reader.next_offset();
    const auto frame = reader.next();
    if (!frame) return frame.error();
    if (!*frame) {
      return base::Error{base::ErrorCode::corrupt,
                         "no sound record at offset " + std::to_string(offset) + " of the log"};
    }
  }
  return reader.position();
}

std::string name_of(const SegmentHeader& header, std::string_view ending) {
  return std::to_string(header.first_offset) + "-" + std::to_string(header.id) + std::string(ending);
}

// `is_last`: the log still writes to it, so only its records before `end` are taken: a file that is read while it grows
// may hold a later record and not the one before it.
base::Result<Backup::LogFile> add_segment(BackupFolder& into, const std::shared_ptr<Segment>& segment, bool is_last,
                                          std::int64_t end) {
  const auto bytes_in_file = segment->file_bytes();
  if (!bytes_in_file) return bytes_in_file.error();
  std::uint64_t size = *bytes_in_file;
  std::string name = name_of(segment->header(), ".segment");
  if (is_last) {
    const auto position = position_of(segment, end);
    if (!position) return position.error();
    size = *position;
    name = name_of(segment->header(), "-to-" + std::to_string(end) + ".segment");
  }
  const auto bytes = segment->read(0, size);
  if (!bytes) return bytes.error();
  if (auto added = into.add_log_file(name, *bytes); !added) return added.error();
  return Backup::LogFile{name, segment->header().first_offset, bytes->size(), digest_of(*bytes)};
}

base::Error stopped() {
  return {base::ErrorCode::unavailable, "the service is stopping, and no backup was made; make it again"};
}

// Waits until so many bytes may have been copied, or until a stop.
class Pace {
 public:
  Pace(std::uint64_t bytes_per_second, const std::stop_token& stop)
      : bytes_per_second_(bytes_per_second), stop_(stop) {}

  void add(std::uint64_t bytes) {
    bytes_ += bytes;
    const auto due = started_ + std::chrono::milliseconds(bytes_ * 1000 / bytes_per_second_);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop_, due, [] { return false; });
  }

 private:
  const std::uint64_t bytes_per_second_;
  const std::stop_token stop_;
  const base::SteadyTime started_ = base::SteadyClock::now();
  std::uint64_t bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;  // by the stop only
};

base::Result<rocksdb::BackupID> back_up_store(BackupFolder& into, Database& store, const std::stop_token& stop) {
  const std::stop_callback ends_it(stop, [&into] { into.store().StopBackup(); });
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;
  rocksdb::BackupID number = 0;
  const auto status = into.store().CreateNewBackup(options, &store.db(), &number);
  if (status.IsIncomplete() && stop.stop_requested()) return stopped();
  if (!status.ok()) return to_error(status, "back up the store");
  return number;
}

}  // namespace

base::Result<Backup> create_backup(const BackupSource& source, const BackupRequest& request,
                                   const std::stop_token& stop) {
  const fs::path into = request.directory;
  const std::uint64_t bytes_per_second = std::uint64_t{request.mib_per_second} << 20;
  if (auto apart = check_apart(into, source.folder); !apart) return apart.error();
  auto folder = BackupFolder::open(into, BackupFolder::Access::make, bytes_per_second);
  if (!folder) return folder.error();
  // The log goes on from where the store's copy ends, so it is held before that copy is made and read after it.
  SegmentedLog& log = *source.log.segments;
  const SegmentedLog::Hold hold = log.hold();
  const auto number = back_up_store(*folder, source.store, stop);
  if (!number) return number.error();
  Backup backup{
      .number = *number, .created_at = base::wall_now(), .history_id = source.history_id, .records = source.records};
  backup.log_end = log.end();
  const auto segments = log.segments_before(backup.log_end);
  Pace pace(bytes_per_second, stop);
  for (const auto& segment : segments) {
    if (stop.stop_requested()) return stopped();
    auto file = add_segment(*folder, segment, segment == segments.back(), backup.log_end);
    if (!file) return file.error();
    pace.add(file->bytes);
    backup.log.push_back(std::move(*file));
  }
  if (auto described = folder->describe(backup); !described) return described.error();
  if (request.keep == 0) return backup;
  if (auto kept = folder->keep_newest(request.keep); !kept) {
    backup.warning = "older backups could not be removed: " + kept.error().text;
  }
  return backup;
}

}  // namespace message_service::embedded
