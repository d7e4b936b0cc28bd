#include "adapters/embedded/log/frame.h"

#include <xxhash.h>

#include <bit>
#include <cstring>

namespace message_service::embedded {

namespace {

static_assert(std::endian::native == std::endian::little, "the log's numbers are written as they lie in memory");

constexpr std::string_view kMagic = "MSGSLOG2";
constexpr std::size_t kChecksumBytes = 8;

template <class Number>
Number read(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

template <class Number>
void write(std::string& out, std::size_t at, Number number) {
  std::memcpy(out.data() + at, &number, sizeof number);
}

std::uint64_t checksum_of(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace

void append_header(std::string& out, const SegmentHeader& header) {
  const std::size_t start = out.size();
  out.resize(start + SegmentHeader::kBytes, '\0');
  kMagic.copy(out.data() + start + 8, kMagic.size());
  write(out, start + 16, header.id);
  write(out, start + 24, header.first_offset);
  const auto covered = std::string_view(out).substr(start + kChecksumBytes, SegmentHeader::kBytes - kChecksumBytes);
  write(out, start, checksum_of(covered, header.id));
}

std::optional<SegmentHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < SegmentHeader::kBytes || bytes.substr(8, kMagic.size()) != kMagic) return std::nullopt;
  const SegmentHeader header{.id = read<std::uint64_t>(bytes, 16), .first_offset = read<std::int64_t>(bytes, 24)};
  const auto covered = bytes.substr(kChecksumBytes, SegmentHeader::kBytes - kChecksumBytes);
  if (read<std::uint64_t>(bytes, 0) != checksum_of(covered, header.id)) return std::nullopt;
  return header;
}

void finish_frame(std::string& out, std::size_t start, std::int64_t offset, std::int64_t durable, std::uint64_t id) {
  const std::size_t record_bytes = out.size() - start - Frame::kHeaderBytes;
  out.resize(start + Frame::bytes_for(record_bytes), '\0');
  write(out, start + 8, offset);
  write(out, start + 16, durable);
  write(out, start + 24, static_cast<std::uint32_t>(record_bytes));
  write(out, start + 28, std::uint32_t{0});
  write(out, start, checksum_of(std::string_view(out).substr(start + kChecksumBytes), id));
}

std::size_t frame_bytes(std::string_view header) { return Frame::bytes_for(read<std::uint32_t>(header, 24)); }

std::int64_t frame_offset(std::string_view header) { return read<std::int64_t>(header, 8); }

std::optional<Frame> parse_frame(std::string_view bytes, std::uint64_t id) {
  if (bytes.size() < Frame::kHeaderBytes || bytes.size() < frame_bytes(bytes)) return std::nullopt;
  const auto covered = bytes.substr(kChecksumBytes, frame_bytes(bytes) - kChecksumBytes);
  if (read<std::uint64_t>(bytes, 0) != checksum_of(covered, id)) return std::nullopt;
  return Frame{.offset = frame_offset(bytes),
               .durable = read<std::int64_t>(bytes, 16),
               .record = bytes.substr(Frame::kHeaderBytes, read<std::uint32_t>(bytes, 24))};
}

}  // namespace message_service::embedded
