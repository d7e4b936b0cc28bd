#include "verify/block_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "verify/line_parser.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
constexpr std::size_t kLineBytesMax = std::size_t{64} << 20;
constexpr std::size_t kAheadMax = 8;  // blocks
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Block parse_block(std::string text, std::uint64_t offset) {
  Block block{.text = std::move(text), .decoded = {}, .lines = {}};
  block.lines.reserve(block.text.size() / 128);
  LineParser parser;
  const std::string_view all = block.text;
  const bool has_mark = offset == 0 && all.starts_with(kByteOrderMark);
  for (std::size_t at = has_mark ? kByteOrderMark.size() : 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    std::string_view line = all.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_empty = line.empty();
    block.lines.push_back({.event = is_empty ? HistoryEvent() : parser.parse(line, block.decoded),
                           .offset = offset + at,
                           .is_whole = end < all.size(),
                           .is_empty = is_empty});
    at = end + 1;
  }
  return block;
}

}  // namespace

BlockReader::BlockReader(int descriptor) : descriptor_(descriptor) {}

std::optional<Block> BlockReader::next() {
  read_ahead();
  if (parsed_.empty()) return std::nullopt;
  Block block = parsed_.front().get();
  parsed_.pop_front();
  return block;
}

void BlockReader::read_ahead() {
  const std::size_t ahead = std::clamp<std::size_t>(std::size_t{2} * std::thread::hardware_concurrency(), 2, kAheadMax);
  while (parsed_.size() < ahead && !at_end_ && problem_.empty()) {
    std::string text = std::move(rest_);
    rest_.clear();
    std::size_t end = std::string::npos;
    while (end == std::string::npos && fill(text)) {
      end = text.rfind('\n');
      if (end == std::string::npos && text.size() > kLineBytesMax) problem_ = "is longer than 64 MiB";
      if (!problem_.empty()) return;
    }
    if (!problem_.empty()) return;
    if (end != std::string::npos) {
      rest_ = text.substr(end + 1);
      text.resize(end + 1);
    }
    if (text.empty()) continue;
    const std::uint64_t offset = std::exchange(offset_, offset_ + text.size());
    parsed_.push_back(std::async(std::launch::async, parse_block, std::move(text), offset));
  }
}

// False at the end of the file: what it has then is the last line.
bool BlockReader::fill(std::string& text) {
  const std::size_t had = text.size();
  text.resize(had + kBlockBytes);
  ssize_t got = 0;
  do {
    got = ::pread(descriptor_, text.data() + had, kBlockBytes, static_cast<off_t>(offset_ + had));
  } while (got < 0 && errno == EINTR);
  if (got < 0) problem_ = "cannot be read: " + std::generic_category().message(errno);
  text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got == 0) at_end_ = true;
  return got > 0;
}

}  // namespace message_service::verify
