#include "adapters/embedded/log/segmented_log.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "adapters/embedded/folder/file_errors.h"
#include "adapters/embedded/folder/sync_folder.h"
#include "adapters/embedded/log/segment_files.h"
#include "adapters/embedded/topic/record_codec.h"
#include "base/random.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kStagedBytesKept = std::size_t{1} << 20;
constexpr std::int64_t kOffsetsAhead = std::int64_t{1} << 32;  // more records than one segment holds

std::uint64_t new_id() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
  base::random_bytes(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

// Whether the first record of a segment is older. False when it cannot be read: trim() releases nothing on a guess.
bool starts_before(const std::shared_ptr<Segment>& segment, base::Timestamp oldest) {
  FrameReader reader(segment);
  const auto frame = reader.next();
  if (!frame || !*frame) return false;
  const auto record = decode_record((*frame)->record);
  return record && record->timestamp < oldest;
}

}  // namespace

base::Result<std::unique_ptr<SegmentedLog>> SegmentedLog::open(Options options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error)
    return base::Error{base::ErrorCode::unavailable, "cannot make " + options.folder.string() + ": " + error.message()};
  std::unique_ptr<SegmentedLog> log(new SegmentedLog(std::move(options)));
  if (auto recovered = log->recover(); !recovered) return recovered.error();
  return log;
}

SegmentedLog::SegmentedLog(Options options)
    : options_(std::move(options)), spares_(options_.folder, options_.segment_bytes, options_.has_room) {}

base::Result<void> SegmentedLog::recover() {
  const auto files = list_segments(options_.folder);
  if (!files) return files.error();
  for (const SegmentFile& file : *files) {
    auto segment = Segment::open(file.path, file.first_offset, Segment::Access::read_write);
    if (!segment) return segment.error();
    const bool last = &file == &files->back();
    if (!last && !(*segment)->has_header()) return damaged(file.first_offset);
    if (last) {
      if (auto recovered = recover_last(*segment); !recovered) return recovered.error();
    } else {
      segments_.push_back(std::move(*segment));
    }
  }
  staged_end_ = end_;
  if (end_ < options_.durable_end) {
    return base::Error{base::ErrorCode::corrupt, "the log in " + options_.folder.string() + " ends at offset " +
                                                     std::to_string(end_) + ", but was durable up to " +
                                                     std::to_string(options_.durable_end) + ": its end is damaged"};
  }
  return {};
}

// Finds the end of the last segment. A segment without a header was named, and then never written to: the next record
// starts it again.
base::Result<void> SegmentedLog::recover_last(const std::shared_ptr<Segment>& last) {
  end_ = last->header().first_offset;
  if (!last->has_header()) return {};
  FrameReader reader(last);
  while (true) {
    const auto frame = reader.next();
    if (!frame) return frame.error();
    if (!*frame) break;
  }
  end_ = reader.next_offset();
  position_ = reader.position();
  active_ = last;
  segments_.push_back(last);
  return check_tail(reader);
}

// Checks the bytes after the last sound frame. They hold nothing of this segment, or the rest of an unfinished write.
// When a frame in that rest says that the broken frame was durable, the segment is damaged.
base::Result<void> SegmentedLog::check_tail(const FrameReader& reader) {
  const Segment& segment = reader.segment();
  const auto bytes = segment.read(position_, options_.segment_bytes - std::min(position_, options_.segment_bytes));
  if (!bytes) return bytes.error();
  std::size_t unfinished = 0;
  for (std::size_t at = 0; at + Frame::kHeaderBytes <= bytes->size(); at += Frame::kAlignment) {
    const auto rest = std::string_view(*bytes).substr(at);
    const std::int64_t offset = frame_offset(rest);  // arbitrary bytes, most of the time
    if (offset < end_ || offset - end_ > kOffsetsAhead) continue;
    const auto frame = parse_frame(rest, segment.header().id);
    if (!frame) continue;
    if (frame->durable > end_) return damaged(end_);
    unfinished = at + frame_bytes(rest);
  }
  if (unfinished == 0) return {};
  // The unfinished frames must not be read as a continuation of frames that are written before them.
  if (auto erased = active_->write(position_, std::string(unfinished, '\0')); !erased) return erased;
  return active_->sync();
}

std::int64_t SegmentedLog::first() const {
  const std::scoped_lock lock(segments_mutex_);
  return segments_.empty() ? end_.load() : segments_.front()->header().first_offset;
}

void SegmentedLog::stage(const LogRecord& record) {
  if (failure_ || !healthy_) return;
  const std::size_t bytes = Frame::bytes_for(encoded_bytes_max(record));
  const bool fits = active_ && position_ + staged_.size() + bytes <= options_.segment_bytes;
  const bool empty = active_ && active_->header().first_offset == staged_end_;  // then it takes a record of any size
  if (!fits && !empty) {
    auto started = write_staged();
    if (started) started = start_segment();
    if (!started) {
      failure_ = started.error();
      return;
    }
  }
  const std::size_t start = staged_.size();
  staged_.resize(start + Frame::kHeaderBytes);
  append_record(staged_, record);
  finish_frame(staged_, start, staged_end_++, end_, active_->header().id);
}

base::Result<void> SegmentedLog::commit() {
  if (!healthy_) return base::Error{base::ErrorCode::refused, "the disk does not take writes", "disk"};
  base::Result<void> written = failure_ ? base::Result<void>(*failure_) : write_staged();
  if (written) {
    end_ = staged_end_;
    return {};
  }
  healthy_ = false;
  return base::Error{base::ErrorCode::unknown, written.error().text};
}

base::Result<void> SegmentedLog::write_staged() {
  if (staged_.empty()) return {};
  if (auto written = active_->write(position_, staged_); !written) return written;
  if (auto synced = active_->sync(); !synced) return synced;
  position_ += staged_.size();
  staged_.clear();
  if (staged_.capacity() > kStagedBytesKept) staged_.shrink_to_fit();
  return {};
}

// The header is written with the first records. Until then only the file name holds the next offset.
base::Result<void> SegmentedLog::start_segment() {
  const SegmentHeader header{.id = new_id(), .first_offset = staged_end_};
  const fs::path path = segment_path(options_.folder, staged_end_);
  std::error_code ignored;
  if (!spares_.take(path)) fs::remove(path, ignored);
  auto made = Segment::make(path, header);
  if (!made) return made.error();
  if (auto named = sync_folder(options_.folder); !named) return named;
  active_ = *made;
  position_ = 0;
  append_header(staged_, header);
  const std::scoped_lock lock(segments_mutex_);
  segments_.push_back(std::move(*made));
  return {};
}

// After a failed sync nobody knows which part of the last write is on the disk, and another sync may not show it. The
// log therefore never writes that file again. A new segment continues after the last durable record, and later records
// in the old segments do not count.
bool SegmentedLog::heal() {
  if (healthy_) return true;
  staged_.clear();
  failure_.reset();
  active_.reset();
  staged_end_ = end_;
  healthy_ = remove_from_end() && start_segment() && write_staged();
  return healthy_;
}

// Removes the segments that hold nothing durable, also one whose file was named and never written. The removal is
// durable before another segment takes their offsets.
base::Result<void> SegmentedLog::remove_from_end() {
  {
    const std::scoped_lock lock(segments_mutex_);
    std::erase_if(segments_, [this](const auto& segment) { return segment->header().first_offset >= end_; });
  }
  const auto files = list_segments(options_.folder);
  if (!files) return files.error();
  for (const SegmentFile& file : *files) {
    std::error_code error;
    if (file.first_offset >= end_) fs::remove(file.path, error);
    if (error)
      return base::Error{base::ErrorCode::unavailable, "cannot remove " + file.path.string() + ": " + error.message()};
  }
  return sync_folder(options_.folder);
}

base::Result<std::vector<LogRecord>> SegmentedLog::read(std::int64_t from, std::int64_t to) {
  std::vector<LogRecord> records;
  if (from >= to) return records;
  records.reserve(static_cast<std::size_t>(to - from));
  const std::scoped_lock lock(reader_mutex_);
  for (std::int64_t offset = from; offset < to;) {
    const auto segment = segment_at(offset);
    if (!segment) return damaged(offset);
    if (!reader_ || &reader_->segment() != segment.get() || reader_->next_offset() > offset) reader_.emplace(segment);
    const std::int64_t at = reader_->next_offset();
    const auto frame = reader_->next();
    if (!frame) return frame.error();
    if (!*frame) return damaged(at);
    if (at < offset) continue;
    auto record = decode_record((*frame)->record);
    if (!record) return record.error();
    records.push_back(std::move(*record));
    ++offset;
  }
  return records;
}

std::shared_ptr<Segment> SegmentedLog::segment_at(std::int64_t offset) const {
  const std::scoped_lock lock(segments_mutex_);
  const auto behind = std::ranges::upper_bound(segments_, offset, {},
                                               [](const auto& segment) { return segment->header().first_offset; });
  return behind == segments_.begin() ? nullptr : *std::prev(behind);
}

SegmentedLog::Hold SegmentedLog::hold() {
  const std::scoped_lock lock(holds_mutex_);
  Hold hold = held_.lock();
  if (!hold) held_ = hold = std::make_shared<int>();
  return hold;
}

std::vector<std::shared_ptr<Segment>> SegmentedLog::segments_before(std::int64_t end) const {
  const std::scoped_lock lock(segments_mutex_);
  const auto behind =
      std::ranges::lower_bound(segments_, end, {}, [](const auto& segment) { return segment->header().first_offset; });
  return {segments_.begin(), behind};
}

void SegmentedLog::trim(std::int64_t done, std::uint64_t bytes_max, base::Timestamp oldest) {
  const std::scoped_lock holds(holds_mutex_);
  if (!held_.expired()) return;
  Segments segments;
  {
    const std::scoped_lock lock(segments_mutex_);
    segments = segments_;
  }
  std::size_t gone = 0;
  for (; gone + 1 < segments.size(); ++gone) {
    const Segment& next = *segments[gone + 1];
    if (next.header().first_offset > done) break;
    const bool too_large = (segments.size() - gone) * options_.segment_bytes > bytes_max;
    if (!too_large && !starts_before(segments[gone + 1], oldest)) break;
  }
  for (std::size_t i = 0; i < gone; ++i) {
    {
      const std::scoped_lock lock(segments_mutex_);
      segments_.erase(segments_.begin());
    }
    spares_.give(path_of(*segments[i]));
  }
}

fs::path SegmentedLog::path_of(const Segment& segment) const {
  return segment_path(options_.folder, segment.header().first_offset);
}

base::Error SegmentedLog::damaged(std::int64_t offset) const { return damaged_log(options_.folder, offset); }

}  // namespace message_service::embedded
