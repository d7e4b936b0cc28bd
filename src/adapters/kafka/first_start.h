// The group's positions before its first start. Private to the adapter.
//
// KafkaSettings:AutoOffsetReset says what becomes of the records that lay in the topic before the group first started.
// That must be settled before the first message is accepted, by whichever node comes first: a reader that settled it
// later would pass over messages with an answered 202.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

// Commits a position for every partition, where the group has committed none at all. Blocks, at most for
// connect_timeout. `unavailable`: it cannot be said where the group begins, so nothing may be accepted yet.
base::Result<void> settle_first_start(Cluster& cluster, const Options& options);

}  // namespace message_service::kafka
