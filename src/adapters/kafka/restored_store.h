// Notices a store that was restored from a backup: the group's commits say what the store had noted then, and it has
// less now. The records in between are read again; the store recognizes those that it has. Private to the adapter.
#pragma once

#include <cstdint>
#include <optional>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/kafka.h"
#include "adapters/kafka/starting_point.h"
#include "ports/stored_places.h"

namespace message_service::kafka {

// What to do about one partition.
struct Comparison {
  std::optional<std::int64_t> go_back_to;  // none: the group's position is right
  std::optional<std::int64_t> note;        // none: the store's note is right
  bool anew = false;                       // the note that is there is of a partition before this one
  bool restored = false;                   // the store has less than it had at the group's last commit
  std::int64_t gone = 0;                   // records that neither the store may have, nor Kafka
};

// `noted`: by the store; none when the partition was never noted. Pure.
Comparison compare(const CommittedPlace& committed, std::optional<std::int64_t> noted, OffsetRange log);

// See Kafka::compare_with(). Blocks; each of its questions waits for connect_timeout at most.
base::Result<void> compare_with_store(Cluster& cluster, const Options& options, StoredPlaces& store, Loss loss);

}  // namespace message_service::kafka
