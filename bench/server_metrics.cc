#include "bench/server_metrics.h"

#include <charconv>
#include <string>

namespace message_service::bench {

std::optional<double> metric_sum(std::string_view text, std::string_view name) {
  std::optional<double> sum;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(name) || line.size() == name.size()) continue;
    std::size_t value_at = name.size();
    if (line[value_at] == '{') value_at = line.rfind('}') == std::string_view::npos ? line.size() : line.rfind('}') + 1;
    if (value_at >= line.size() || line[value_at] != ' ') continue;
    const std::string_view rest = line.substr(value_at + 1);
    double value = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec == std::errc()) sum = sum.value_or(0) + value;
  }
  return sum;
}

base::Result<ServerMetrics> read_server_metrics(http::Client& client) {
  const base::Result<http::Answer> answer = client.get("/metrics");
  if (!answer) return answer.error();
  if (answer->status != 200) {
    return base::Error{base::ErrorCode::unavailable, "GET /metrics: status " + std::to_string(answer->status)};
  }
  return ServerMetrics{
      .cpu_s = metric_sum(answer->body, "process_cpu_seconds_total"),
      .rss_bytes = metric_sum(answer->body, "process_resident_memory_bytes"),
      .stored_messages = metric_sum(answer->body, "message_service_store_writes_total"),
      .lag_records = metric_sum(answer->body, "message_service_consumer_lag_records"),
      .slow_clients_closed = metric_sum(answer->body, "message_service_hub_slow_clients_closed_total")};
}

}  // namespace message_service::bench
