#include "adapters/embedded/log/frame_reader.h"

#include <algorithm>
#include <utility>

namespace message_service::embedded {

namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

}  // namespace

FrameReader::FrameReader(std::shared_ptr<const Segment> segment)
    : segment_(std::move(segment)), next_offset_(segment_->header().first_offset) {}

base::Result<std::optional<Frame>> FrameReader::next() {
  // Reads the file again before a frame counts as missing: it may have been written since.
  for (const bool anew : {false, true}) {
    if (anew) {
      buffer_.clear();
      buffer_position_ = position_;
    }
    auto header = have(Frame::kHeaderBytes);
    if (!header) return header.error();
    if (!*header) continue;
    const std::size_t bytes = frame_bytes(rest());
    auto all = have(bytes);
    if (!all) return all.error();
    if (!*all) continue;
    const auto frame = parse_frame(rest().substr(0, bytes), segment_->header().id);
    if (!frame || frame->offset != next_offset_) continue;
    ++next_offset_;
    position_ += bytes;
    return frame;
  }
  return std::optional<Frame>();
}

// Whether the buffer holds this many bytes from position() on. Reads more when it must.
base::Result<bool> FrameReader::have(std::size_t bytes) {
  if (rest().size() >= bytes) return true;
  auto file_bytes = segment_->file_bytes();
  if (!file_bytes) return file_bytes.error();
  if (position_ + bytes > *file_bytes) return false;  // also for a damaged length
  auto read = segment_->read(position_, std::max(bytes, kReadBytes));
  if (!read) return read.error();
  buffer_ = std::move(*read);
  buffer_position_ = position_;
  return buffer_.size() >= bytes;
}

}  // namespace message_service::embedded
