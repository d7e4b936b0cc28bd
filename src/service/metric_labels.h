// The labels of counters that are known before their first event: a counter that is absent until then cannot be
// watched.
#pragma once

#include "observe/metrics.h"

namespace message_service::service {

void show_all_reasons(const Metrics& metrics);

}  // namespace message_service::service
