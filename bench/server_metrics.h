// Reads the few values that a load report needs from the service's /metrics (Prometheus text). Values; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/client/client.h"

namespace message_service::bench {

// The sum over all label sets of this metric; nothing when the text has no such metric.
std::optional<double> metric_sum(std::string_view text, std::string_view name);

struct ServerMetrics {
  std::optional<double> cpu_s;
  std::optional<double> rss_bytes;
  std::optional<double> stored_messages;  // written by the pipeline since the server started
  std::optional<double> lag_records;      // in the log and not stored yet
  std::optional<double> slow_clients_closed;
};

base::Result<ServerMetrics> read_server_metrics(http::Client& client);

}  // namespace message_service::bench
