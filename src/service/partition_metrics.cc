#include "service/partition_metrics.h"

#include <map>
#include <string>

namespace message_service::service {

void show_partitions(const Metrics& metrics, const std::vector<LogReader*>& readers,
                     const std::vector<std::unique_ptr<Persister>>& persisters) {
  std::map<std::string, double> lags;
  for (const LogReader* reader : readers) {
    for (const PartitionLag& lag : reader->lag()) {
      lags.emplace(std::to_string(lag.partition), static_cast<double>(lag.records));
    }
  }
  metrics.consumer_lag.set(lags);
  std::map<std::string, double> versions;
  for (const auto& persister : persisters) {
    for (const WaitingPartition& waiting : persister->waiting()) {
      versions.emplace(std::to_string(waiting.from.partition), static_cast<double>(waiting.requires_version));
    }
  }
  metrics.consumer_requires_version.set(versions);
}

}  // namespace message_service::service
