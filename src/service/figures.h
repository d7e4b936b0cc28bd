// The metrics that are read when somebody asks for them, and not counted: each function sets some. Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "observe/metrics.h"
#include "pipeline/persist/persister.h"
#include "ports/log_reader.h"
#include "service/dependency.h"

namespace message_service::service {

// Lag, and the version that a partition waits for: 0 for each partition that waits for none.
void show_partitions(const Metrics& metrics, const std::vector<LogReader*>& readers,
                     const std::vector<std::unique_ptr<Persister>>& persisters);

// Leaves the figures as they are when the folder cannot be asked. A local file system answers from memory.
void show_disk(const Metrics& metrics, const std::filesystem::path& data_folder);

void show_readiness(const Metrics& metrics, const std::vector<Dependency>& dependencies);

void show_clock(const Metrics& metrics);

}  // namespace message_service::service
