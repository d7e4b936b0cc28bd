// The figures of a node's partitions, which are asked for when somebody reads the metrics.
#pragma once

#include <memory>
#include <vector>

#include "observe/metrics.h"
#include "pipeline/persist/persister.h"
#include "ports/log_reader.h"

namespace message_service::service {

void show_partitions(const Metrics& metrics, const std::vector<LogReader*>& readers,
                     const std::vector<std::unique_ptr<Persister>>& persisters);

}  // namespace message_service::service
