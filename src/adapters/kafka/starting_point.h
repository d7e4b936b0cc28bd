// Where a reader begins in a partition, from what the group has committed and what the log says now. Private to the
// adapter; pure.
//
// A position that was committed is worth nothing where the partition has been made anew: records with an answered 202
// may lie before it. So a commit names a witness, and without a good word from it reading begins at the oldest record
// that could be unread. Records that were stored before are known by their ids.
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
  std::optional<Witness> witness;    // none: whoever committed it named none
};

struct StartingPoint {
  std::int64_t offset = 0;
  bool anew = false;      // the partition is another one than the one that was committed
  std::int64_t lost = 0;  // records that were deleted before this group had stored them
};

// `testimony`: none where there is no witness, or where it could not be asked and will be later.
StartingPoint starting_point(const CommittedPlace& committed, std::optional<Testimony> testimony, OffsetRange log);

// A witness as the metadata of a commit, and back. What others have written there is none.
std::string to_metadata(const Witness& witness);
std::optional<Witness> from_metadata(std::string_view metadata);

}  // namespace message_service::kafka
