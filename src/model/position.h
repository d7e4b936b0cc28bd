// A place in the log, and the progress of a reader.
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace message_service {

struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

// "0/17": partition and offset.
inline std::string to_text(Position position) {
  return std::to_string(position.partition) + "/" + std::to_string(position.offset);
}

// Accepts exactly that form, and no negative numbers.
inline std::optional<Position> parse_position(std::string_view text) {
  Position position;
  const char* const end = text.data() + text.size();
  const auto partition = std::from_chars(text.data(), end, position.partition);
  if (partition.ec != std::errc() || partition.ptr == end || *partition.ptr != '/') return std::nullopt;
  const auto offset = std::from_chars(partition.ptr + 1, end, position.offset);
  if (offset.ec != std::errc() || offset.ptr != end) return std::nullopt;
  if (position.partition < 0 || position.offset < 0 || to_text(position) != text) return std::nullopt;
  return position;
}

// The last position of each partition that was processed, up to and including it.
class Progress {
 public:
  void advance_to(Position position) {
    for (Position& known : last_) {
      if (known.partition == position.partition) {
        known.offset = position.offset;
        return;
      }
    }
    last_.push_back(position);  // a reader has few partitions
  }

  const std::vector<Position>& last() const { return last_; }

 private:
  std::vector<Position> last_;
};

struct PartitionLag {
  std::int32_t partition = 0;
  std::uint64_t records = 0;  // after the committed position
};

}  // namespace message_service
