// A place in the log, and how far a reader has come.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace message_service {

struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

// The last position of each partition that was gone over, up to and including it.
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
  std::uint64_t records = 0;  // behind the committed position
};

}  // namespace message_service
