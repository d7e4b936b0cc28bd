#include "adapters/embedded/log/log_follower.h"

#include <algorithm>
#include <utility>

#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/folder/file_errors.h"
#include "adapters/embedded/log/segment_files.h"
#include "adapters/embedded/topic/record_codec.h"

namespace message_service::embedded {

base::Result<std::unique_ptr<LogFollower>> LogFollower::open(const std::filesystem::path& data_directory,
                                                             bool from_end) {
  return open_at(data_directory, from_end ? DurabilityMark::peek(DataFolder::durable_mark_in(data_directory)) : 0);
}

base::Result<std::unique_ptr<LogFollower>> LogFollower::open_at(const std::filesystem::path& data_directory,
                                                                std::int64_t offset) {
  if (auto holds = DataFolder::check_holds_log(data_directory); !holds) return holds.error();
  std::unique_ptr<LogFollower> follower(new LogFollower(data_directory));
  follower->next_ = offset;
  return follower;
}

LogFollower::LogFollower(const std::filesystem::path& data_directory)
    : folder_(DataFolder::log_in(data_directory)), durable_mark_(DataFolder::durable_mark_in(data_directory)) {}

base::Result<std::vector<ConsumedRecord>> LogFollower::read(std::size_t records_max) {
  std::vector<ConsumedRecord> records;
  const std::int64_t durable = DurabilityMark::peek(durable_mark_);
  if (auto listed = list(); !listed) return listed.error();
  bool listed_again = false;
  while (next_ < durable && records.size() < records_max) {
    auto record = read_next();
    if (!record) return record.error();
    if (*record) {
      records.push_back(std::move(**record));
      next_ = records.back().position.offset + 1;
    } else if (std::exchange(listed_again, true)) {
      return damaged_log(folder_, next_);
    } else {  // retention may have renamed a file meanwhile, to use it again
      reader_.reset();
      if (auto listed = list(); !listed) return listed.error();
    }
  }
  return records;
}

base::Result<void> LogFollower::list() {
  auto files = list_segments(folder_);
  if (!files) return files.error();
  files_ = std::move(*files);
  if (!files_.empty()) next_ = std::max(next_, files_.front().first_offset);
  return {};
}

// The next record, from the newest segment that may hold it: after a failed sync, the segment before may hold records
// that do not count.
base::Result<std::optional<ConsumedRecord>> LogFollower::read_next() {
  const auto behind = std::ranges::upper_bound(files_, next_, {}, &SegmentFile::first_offset);
  if (behind == files_.begin()) return std::optional<ConsumedRecord>();
  const SegmentFile& file = *std::prev(behind);
  if (!reader_ || reader_->segment().header().first_offset != file.first_offset) {
    auto segment = Segment::open(file.path, file.first_offset, Segment::Access::read_only);
    if (!segment) return std::optional<ConsumedRecord>();
    reader_.emplace(std::move(*segment));
  }
  while (true) {
    const std::int64_t offset = reader_->next_offset();
    const auto frame = reader_->next();
    if (!frame) return frame.error();
    if (!*frame) return std::optional<ConsumedRecord>();
    if (offset < next_) continue;
    auto record = decode_record((*frame)->record);
    if (!record) return record.error();
    return ConsumedRecord{{.partition = 0, .offset = offset}, std::move(*record)};
  }
}

}  // namespace message_service::embedded
