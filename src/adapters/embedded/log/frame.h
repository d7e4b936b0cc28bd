// The form of records in a segment of the log. Pure functions over bytes; numbers are little-endian.
//
// A segment begins with a header of 64 bytes, and then holds one frame after the other:
//
//   checksum   8  of the rest of the frame: XXH3, seeded with the segment's id
//   offset     8  of the record in the log
//   durable    8  every record below this offset was synced before this frame was written
//   length     4  of the record
//   zero       4
//   record        then zeros up to a multiple of 8
//
// The seed keeps bytes from a file's earlier life as a segment from being mistaken for part of this one. `durable`
// distinguishes an unfinished last write from damage: when a sound frame says that a broken frame before it was
// durable, the broken frame is damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace message_service::embedded {

struct SegmentHeader {
  static constexpr std::size_t kBytes = 64;

  std::uint64_t id = 0;
  std::int64_t first_offset = 0;  // of the first record
};

void append_header(std::string& out, const SegmentHeader& header);
std::optional<SegmentHeader> parse_header(std::string_view bytes);

struct Frame {
  static constexpr std::size_t kHeaderBytes = 32;
  static constexpr std::size_t kAlignment = 8;

  static constexpr std::size_t bytes_for(std::size_t record_bytes) {
    return kHeaderBytes + (record_bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  std::int64_t offset = 0;
  std::int64_t durable = 0;
  std::string_view record;
};

// Makes a frame in place. The caller has appended the record after kHeaderBytes at `start`; the record ends `out`.
void finish_frame(std::string& out, std::size_t start, std::int64_t offset, std::int64_t durable, std::uint64_t id);

// The size and the offset of a frame, from its first kHeaderBytes. Unchecked.
std::size_t frame_bytes(std::string_view header);
std::int64_t frame_offset(std::string_view header);

// The frame at the start of the bytes. Nothing when it is cut off, broken or absent.
std::optional<Frame> parse_frame(std::string_view bytes, std::uint64_t id);

}  // namespace message_service::embedded
