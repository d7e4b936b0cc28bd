// Distinguishes a partition of the log from another one that has taken its place under the same name, and whose offsets
// begin again. A record that was read before is the witness: while it is at its old offset, the partition is the same.
//
// Owned by the service; any thread. look() blocks for the log.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"

namespace message_service {

struct Witness {
  std::int64_t offset = 0;
  std::uint64_t print = 0;  // of the record's key, value and time
  bool operator==(const Witness&) const = default;
};

enum class Testimony {
  same,   // the record is at its old offset
  other,  // another record is at the offset, or the log ends before it
  gone,   // the log begins after the offset now: the answer is unknown
};

class LogIdentity {
 public:
  virtual ~LogIdentity() = default;

  // Grows whenever a reader of this process begins to read the partition again, and never in between.
  virtual std::uint64_t turn(std::int32_t partition) const = 0;

  // A record of the partition as this turn reads it. None before the turn has read its first record, and none after the
  // turn is over.
  virtual std::optional<Witness> witness(std::int32_t partition, std::uint64_t turn) const = 0;

  // `unavailable` when the log does not answer.
  virtual base::Result<Testimony> look(std::int32_t partition, const Witness& witness) = 0;
};

}  // namespace message_service
