// The group's positions before its first start. Private to the adapter.
//
// KafkaSettings:AutoOffsetReset decides whether the group reads the records that lay in the topic before its first
// start. The first node that starts must settle this before it accepts a message: a reader that settled it later would
// pass over messages that were answered with 202.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

// Commits a position for every partition when the group has committed none at all. Blocks; each of its questions
// waits for connect_timeout at most.
// `unavailable`: the group's beginning is not settled, so no message may be accepted yet.
base::Result<void> settle_first_start(Cluster& cluster, const Options& options);

}  // namespace message_service::kafka
