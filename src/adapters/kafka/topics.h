// The service's three topics: made when missing, checked when not. Private to the adapter.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

// `invalid`: a topic that exists would lose messages as it is configured. What only costs speed is logged.
base::Result<void> ensure_topics(Cluster& cluster, const Options& options);

}  // namespace message_service::kafka
