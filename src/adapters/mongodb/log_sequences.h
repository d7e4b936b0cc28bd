// How a message's sequence is made from its record's position in the log. Pure.
//
//   sequence = epoch << 44 | offset * width + place + 1        (below 2^53, so that JavaScript can read it)
//
// An epoch covers `width` partitions of one log; a record's partition is the `place`-th of them. A record belongs to
// the newest epoch that covers its partition. A new epoch begins when new sequences must lie above all earlier ones:
//   - the log has more partitions. When their number was multiplied, the epoch covers the new ones only: a key either
//     stays in its partition and its epoch, or moves to a new partition and a higher epoch. Else it covers all;
//   - the store reads another log, or an earlier one again, or the log's records were deleted: the epoch covers all;
//   - a partition was made again while it is read: the epoch covers all, and each partition joins it when its reader
//     finds that it is another one. Until then its records are the old partition's and belong to the old epoch;
//   - synchronous writes, which count up in an epoch of their own, begin or end;
//   - somebody has edited the newest epoch so that it cannot be read.
// The sequences that an epoch gives a joined partition never change, so every node and every replay makes the same
// number for a record.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/mongodb/mongodb.h"
#include "base/result.h"
#include "model/position.h"

namespace message_service::mongodb {

inline constexpr int kPlaceBits = 44;
inline constexpr int kEpochsMax = 1 << (53 - kPlaceBits);

struct Epoch {
  enum class Kind { log, synchronous, unreadable };
  int number = 0;
  Kind kind = Kind::log;
  // Of a log's epoch:
  std::string log_id;
  std::int32_t partitions_begin = 0;
  std::int32_t partitions_end = 0;
  std::vector<std::int64_t> seen_ends;             // of each partition covered: the log was at least this long
  std::map<std::int32_t, Witness> witnesses{};     // by partition: a record that proves that it is the same
  std::optional<std::set<std::int32_t>> joined{};  // the partitions that it holds for; none: all that it covers
  bool operator==(const Epoch&) const = default;

  std::int32_t width() const { return partitions_end - partitions_begin; }
  bool covers(std::int32_t partition) const { return partitions_begin <= partition && partition < partitions_end; }
  bool holds_for(std::int32_t partition) const { return covers(partition) && (!joined || joined->contains(partition)); }
  std::int64_t seen_end(std::int32_t partition) const {
    return seen_ends[static_cast<std::size_t>(partition - partitions_begin)];
  }
  std::uint64_t first_sequence() const { return (static_cast<std::uint64_t>(number) << kPlaceBits) + 1; }
};

// The epoch to register before records of a log of this shape are stored; nothing when none is needed. `epochs` holds
// all epochs there are, ascending. `unavailable`: the log has no partitions.
base::Result<std::optional<Epoch>> epoch_to_begin(const std::vector<Epoch>& epochs, const LogShape& shape);

// The epoch that a record of the partition belongs to now. Null when there is none.
const Epoch* epoch_of(const std::vector<Epoch>& epochs, std::string_view log_id, std::int32_t partition);

// The epoch to register when these partitions were found to be other ones than before: the newest epoch with these
// partitions added, when they may join it, or a new one. A result with the number of an existing epoch is that epoch,
// changed.
Epoch epoch_of_others(const std::vector<Epoch>& epochs, const LogShape& shape, const std::set<std::int32_t>& others);

// Whether `next` begins because the log that the store follows seems to have lost records.
bool follows_a_cut(const std::vector<Epoch>& epochs, const Epoch& next);

// The sequences of one log's records. A value that never changes.
class LogSequences {
 public:
  LogSequences(const std::vector<Epoch>& epochs, std::string_view log_id);

  bool covers(std::int32_t partition) const;
  // Nothing when no epoch covers the partition, or when the offset is too large to fit.
  std::optional<std::uint64_t> of(Position position) const;
  // Whether a record at this position could have got this sequence, now or in an earlier epoch.
  bool could_be(Position position, std::uint64_t sequence) const;

 private:
  std::vector<Epoch> newest_first_;
};

}  // namespace message_service::mongodb
