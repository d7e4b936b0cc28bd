// Where a reader begins in a partition, given the group's commit and the log as it is now. Private to the adapter;
// pure.
//
// A committed position is worth nothing when the partition was made again: records that were answered with 202 may lie
// before it. So a commit names a witness. When the witness is no longer in its place, reading begins at the oldest
// record that could be unread. The store recognizes the records that it already has by their ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/kafka/cluster.h"
#include "ports/log_identity.h"

namespace message_service::kafka {

struct CommittedPlace {
  std::optional<std::int64_t> next;  // none: the group has committed nothing
  std::optional<Witness> witness;    // none: the commit named no witness
  // The store's own note of the partition at that time; none: the program that committed knew of no notes.
  std::optional<std::int64_t> stored{};
};

struct StartingPoint {
  std::int64_t offset = 0;
  bool anew = false;      // the partition is not the one that the commit was for
  std::int64_t lost = 0;  // records that were deleted before this group had stored them
};

// `testimony`: none when there is no witness, or when it gave no answer; a later look asks it again.
StartingPoint starting_point(const CommittedPlace& committed, std::optional<Testimony> testimony, OffsetRange log);

// Converts what a commit says besides its position to the commit's metadata, and back. Metadata that others have
// written says nothing.
std::string to_metadata(const CommittedPlace& place);
CommittedPlace from_metadata(std::string_view metadata);

}  // namespace message_service::kafka
