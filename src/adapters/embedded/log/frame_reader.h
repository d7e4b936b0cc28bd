// Reads the frames of one segment in order, from the first one on. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/embedded/log/segment.h"

namespace message_service::embedded {

class FrameReader {
 public:
  // Begins with the segment's first frame.
  explicit FrameReader(std::shared_ptr<const Segment> segment);

  // The record with the next offset. Nothing when it is not there yet or is broken; a later call may find it. Its bytes
  // stay valid until the next call.
  base::Result<std::optional<Frame>> next();

  std::int64_t next_offset() const { return next_offset_; }
  std::uint64_t position() const { return position_; }  // in the file, of the next frame
  const Segment& segment() const { return *segment_; }

 private:
  base::Result<bool> have(std::size_t bytes);
  std::string_view rest() const { return std::string_view(buffer_).substr(position_ - buffer_position_); }

  std::shared_ptr<const Segment> segment_;
  std::int64_t next_offset_;
  std::uint64_t position_ = SegmentHeader::kBytes;
  std::string buffer_;  // bytes of the file from buffer_position_ on
  std::uint64_t buffer_position_ = SegmentHeader::kBytes;
};

}  // namespace message_service::embedded
