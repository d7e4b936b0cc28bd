// The service's three topics: makes the missing ones and checks the others. Private to the adapter.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

// `invalid`: an existing topic would lose messages as it is configured. A setting that only costs speed is logged.
base::Result<void> ensure_topics(Cluster& cluster, const Options& options);

}  // namespace message_service::kafka
