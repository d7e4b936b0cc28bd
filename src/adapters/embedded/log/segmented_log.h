// The embedded log on disk: records with consecutive offsets, in segments of one size. The log writes over segments
// that retention has released. For its guarantees and their reasons, see docs/decisions/0011.
//
// Owned by MessageLog. stage(), commit() and heal() from the one writing thread; the rest from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/embedded/log/frame_reader.h"
#include "adapters/embedded/log/segment.h"
#include "adapters/embedded/log/spare_segments.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

class SegmentedLog {
 public:
  struct Options {
    std::filesystem::path folder;
    std::uint64_t segment_bytes = std::uint64_t{8} << 20;
    std::int64_t durable_end = 0;  // the log was durable up to here at least; a log that ends before is `corrupt`
    SpareSegments::HasRoom has_room;
  };

  // Makes the folder if it is missing. Drops an unfinished last write. `corrupt` names the damage.
  static base::Result<std::unique_ptr<SegmentedLog>> open(Options options);

  // The offset of the first record that is kept, and the offset of the next record to be written.
  std::int64_t first() const;
  std::int64_t end() const { return end_; }

  // stage() adds a record after the records staged before. commit() then writes and syncs them all. `unknown`: nobody
  // can know whether a restart would find them; they are not in this log, which is sick until heal() returns true.
  // `refused`: the log was sick already, and nothing was written.
  void stage(const LogRecord& record);
  base::Result<void> commit();
  bool healthy() const { return healthy_; }
  bool heal();

  // All records [from, to), which must be below end(). `corrupt` when one is missing or damaged.
  base::Result<std::vector<LogRecord>> read(std::int64_t from, std::int64_t to);

  // While a hold lives, no segment is released. The log outlives its holds.
  using Hold = std::shared_ptr<const void>;
  Hold hold();

  // The segments with records before `end`, by offset.
  std::vector<std::shared_ptr<Segment>> segments_before(std::int64_t end) const;

  // Releases segments whose records are all below `done`, the oldest first, as long as the log is larger than
  // `bytes_max` or the next segment begins with a record from before `oldest`.
  void trim(std::int64_t done, std::uint64_t bytes_max, base::Timestamp oldest);

 private:
  using Segments = std::vector<std::shared_ptr<Segment>>;
  explicit SegmentedLog(Options options);
  base::Result<void> recover();
  base::Result<void> recover_last(const std::shared_ptr<Segment>& last);
  base::Result<void> check_tail(const FrameReader& reader);
  base::Result<void> start_segment();
  base::Result<void> remove_from_end();
  base::Result<void> write_staged();
  std::filesystem::path path_of(const Segment& segment) const;
  std::shared_ptr<Segment> segment_at(std::int64_t offset) const;
  base::Error damaged(std::int64_t offset) const;

  const Options options_;
  SpareSegments spares_;

  mutable std::mutex segments_mutex_;
  Segments segments_;  // by offset; all but the last are complete

  std::mutex holds_mutex_;  // a release under way ends before a hold begins
  std::weak_ptr<const void> held_;

  std::atomic<std::int64_t> end_ = 0;
  std::atomic<bool> healthy_ = true;

  // For the writing thread only.
  std::shared_ptr<Segment> active_;  // null until the first record
  std::uint64_t position_ = 0;       // of the next write, in active_
  std::string staged_;               // bytes to write at position_
  std::int64_t staged_end_ = 0;
  std::optional<base::Error> failure_;  // of a stage()

  std::mutex reader_mutex_;
  std::optional<FrameReader> reader_;  // where the last read() ended
};

}  // namespace message_service::embedded
