#include "bench/fanout/fanout_report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>

#include "bench/comparison.h"
#include "bench/json.h"
#include "bench/report.h"

namespace message_service::bench {
namespace {

namespace json = boost::json;
using Figure = std::function<std::optional<double>(const FanoutResult&)>;

struct FanoutRow {
  const char* name;
  const char* json_name;
  int digits;
  Figure figure;
};

Figure count(std::uint64_t (*of)(const SwarmCounts&)) {
  return [of](const FanoutResult& run) { return static_cast<double>(of(run.counts)); };
}

Figure latency(double share) {
  return [share](const FanoutResult& run) -> std::optional<double> {
    if (run.counts.latency.count() == 0) return std::nullopt;
    return static_cast<double>(run.counts.latency.value_at_ns(share)) / 1e6;
  };
}

std::optional<double> us_per_delivery(double cpu_s, const FanoutResult& run) {
  if (run.counts.deliveries == 0) return std::nullopt;
  return cpu_s * 1e6 / static_cast<double>(run.counts.deliveries);
}

std::vector<FanoutRow> fanout_rows() {
  return {
      {"connected", "connected", 0, count([](const SwarmCounts& c) -> std::uint64_t { return c.joined; })},
      {"closed by the server", "closed", 0, count([](const SwarmCounts& c) -> std::uint64_t { return c.closed; })},
      {"stuck clients closed", "stuck_closed", 0,
       count([](const SwarmCounts& c) -> std::uint64_t { return c.stuck_closed; })},
      {"  as the server counts them", "slow_clients_closed", 0,
       [](const FanoutResult& run) { return run.slow_clients_closed; }},
      {"messages", "messages", 0, count([](const SwarmCounts& c) { return c.messages; })},
      {"messages refused or unknown", "messages_failed", 0, count([](const SwarmCounts& c) { return c.failed_posts; })},
      {"deliveries", "deliveries", 0, count([](const SwarmCounts& c) { return c.deliveries; })},
      {"deliveries expected", "expected", 0, count([](const SwarmCounts& c) { return c.expected; })},
      {"missing", "missing", 0, count([](const SwarmCounts& c) { return c.missing(); })},
      {"doubled", "doubled", 0, count([](const SwarmCounts& c) { return c.doubled; })},
      {"gaps in a client's sequence", "gaps", 0, count([](const SwarmCounts& c) { return c.gaps; })},
      {"deliveries/s", "deliveries_per_s", 0, [](const FanoutResult& run) { return run.deliveries_per_s(); }},
      {"p50, ms", "p50_ms", 3, latency(0.5)},
      {"p90, ms", "p90_ms", 3, latency(0.9)},
      {"p99, ms", "p99_ms", 3, latency(0.99)},
      {"max, ms", "max_ms", 3, latency(1)},
      {"bytes a delivery", "bytes_per_delivery", 0,
       [](const FanoutResult& run) -> std::optional<double> {
         if (run.counts.deliveries == 0) return std::nullopt;
         return static_cast<double>(run.counts.delivered_bytes) / static_cast<double>(run.counts.deliveries);
       }},
      {"server CPU a delivery, µs", "server_cpu_us_per_delivery", 2,
       [](const FanoutResult& run) { return run.cpu_us_per_delivery(); }},
      {"generator CPU a delivery, µs", "generator_cpu_us_per_delivery", 2,
       [](const FanoutResult& run) { return us_per_delivery(run.generator_cpu_s, run); }},
      {"server memory a connection, KiB", "server_kib_per_connection", 1,
       [](const FanoutResult& run) -> std::optional<double> {
         const auto bytes = run.bytes_per_connection();
         return bytes ? std::optional(*bytes / 1024) : std::nullopt;
       }},
      {"server memory at the end, MiB", "server_rss_end_mib", 1,
       [](const FanoutResult& run) -> std::optional<double> {
         return run.rss_after_bytes ? std::optional(*run.rss_after_bytes / (1 << 20)) : std::nullopt;
       }},
  };
}

std::optional<double> median_of(const std::vector<FanoutResult>& runs, const Figure& figure) {
  std::vector<double> values;
  for (const FanoutResult& run : runs) {
    if (const auto value = figure(run)) values.push_back(*value);
  }
  return median(std::move(values));
}

std::optional<double> ratio(const std::vector<FanoutResult>& runs, const std::vector<FanoutResult>& to,
                            const Figure& figure) {
  const auto numerator = median_of(runs, figure);
  const auto denominator = median_of(to, figure);
  if (!numerator || !denominator || *denominator <= 0) return std::nullopt;
  return *numerator / *denominator;
}

// The lowest and the highest p99 of the rounds.
std::string p99_range(const std::vector<FanoutResult>& runs) {
  std::vector<double> values;
  for (const FanoutResult& run : runs) {
    if (const auto value = latency(0.99)(run)) values.push_back(*value);
  }
  if (values.empty()) return "n/a";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return fixed(*low, 1) + "–" + fixed(*high, 1) + " ms";
}

json::array all_json(const std::vector<FanoutResult>& runs, const std::vector<FanoutRow>& rows) {
  json::array found;
  for (const FanoutResult& run : runs) {
    json::object object;
    for (const FanoutRow& row : rows) {
      object[row.json_name] = or_null(row.figure(run));
    }
    found.push_back(std::move(object));
  }
  return found;
}

}  // namespace

std::optional<double> FanoutRuns::cpu_ratio() const {
  return ratio(hub, bare, [](const FanoutResult& run) { return run.cpu_us_per_delivery(); });
}

std::optional<double> FanoutRuns::p99_ratio() const { return ratio(hub, calm, latency(0.99)); }

std::string fanout_table(const FanoutRuns& runs) {
  std::vector<std::vector<std::string>> table;
  const bool beside_bare = !runs.bare.empty();
  const bool beside_calm = !runs.calm.empty();
  const std::vector<FanoutResult>& others = beside_bare ? runs.bare : runs.calm;
  if (!others.empty()) {
    const std::string rounds = std::to_string(runs.hub.size());
    table.push_back({"medians of " + rounds + (runs.hub.size() == 1 ? " round" : " rounds"),
                     beside_bare ? "hub" : "with stuck", beside_bare ? "bare write loop" : "without"});
  }
  for (const FanoutRow& row : fanout_rows()) {
    std::vector<std::string> cells{row.name, fixed(median_of(runs.hub, row.figure), row.digits)};
    if (!others.empty()) cells.push_back(fixed(median_of(others, row.figure), row.digits));
    table.push_back(std::move(cells));
  }
  std::string text = aligned(table);
  if (beside_bare) text += "server CPU a delivery, hub to bare loop: " + fixed(runs.cpu_ratio(), 2) + "\n";
  if (beside_calm) {
    text += "p99 of those who read, with stuck clients to without: " + fixed(runs.p99_ratio(), 2) +
            " (rounds: " + p99_range(runs.hub) + " to " + p99_range(runs.calm) + ")\n";
  }
  return text;
}

json::object fanout_json(const FanoutRuns& runs, const FanoutLoad& load) {
  return {{"clients", load.clients},
          {"stuck", load.stuck},
          {"signed_in", load.signed_in},
          {"conversations", load.conversations},
          {"rate", load.rate},
          {"duration_s", load.duration_s},
          {"content_bytes", load.content_bytes},
          {"compress", load.compress},
          {"protocol", load.protocol == HubProtocolKind::json ? "json" : "messagepack"},
          {"hub", all_json(runs.hub, fanout_rows())},
          {"bare", all_json(runs.bare, fanout_rows())},
          {"calm", all_json(runs.calm, fanout_rows())},
          {"cpu_ratio", or_null(runs.cpu_ratio())},
          {"p99_ratio", or_null(runs.p99_ratio())}};
}

}  // namespace message_service::bench
