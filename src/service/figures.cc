#include "service/figures.h"

#include <map>
#include <string>
#include <system_error>

#include "base/clock.h"

namespace message_service::service {

void show_partitions(const Metrics& metrics, const std::vector<LogReader*>& readers,
                     const std::vector<std::unique_ptr<Persister>>& persisters) {
  std::map<std::string, double> lags;
  std::map<std::string, double> versions;
  for (const LogReader* reader : readers) {
    for (const PartitionLag& lag : reader->lag()) {
      lags.emplace(std::to_string(lag.partition), static_cast<double>(lag.records));
      versions.emplace(std::to_string(lag.partition), 0);
    }
  }
  for (const auto& persister : persisters) {
    for (const WaitingPartition& waiting : persister->waiting()) {
      versions[std::to_string(waiting.from.partition)] = static_cast<double>(waiting.requires_version);
    }
  }
  metrics.consumer_lag.set(lags);
  metrics.consumer_requires_version.set(versions);
}

void show_disk(const Metrics& metrics, const std::filesystem::path& data_folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(data_folder, error);
  if (error) return;
  metrics.disk_size.set(static_cast<double>(space.capacity));
  metrics.disk_free.set(static_cast<double>(space.available));
}

void show_readiness(const Metrics& metrics, const std::vector<Dependency>& dependencies) {
  bool is_ready = true;
  std::map<std::string, double> parts;
  for (const Dependency& dependency : dependencies) {
    const bool is_ok = dependency.problem().empty();
    parts[dependency.name] = is_ok ? 1 : 0;
    if (!is_ok && dependency.is_vital) is_ready = false;
  }
  metrics.ready.set(is_ready ? 1 : 0);
  metrics.dependency_ok.set(parts);
}

void show_clock(const Metrics& metrics) { metrics.clock.set(static_cast<double>(base::wall_now()) / 1000); }

}  // namespace message_service::service
