#include "bench/comparison.h"

#include <algorithm>
#include <boost/json.hpp>

#include "bench/json.h"
#include "bench/report.h"

namespace message_service::bench {
namespace {

namespace json = boost::json;

std::optional<double> rate(const LegResult& run) { return run.load.rate(); }

Comparison::Figure latency_ms(double share) {
  return [share](const LegResult& run) -> std::optional<double> {
    return static_cast<double>(run.load.tally.latency.value_at_ns(share)) / 1e6;
  };
}

Comparison::Figure of_drain(std::optional<double> (*figure)(const Drain&)) {
  return [figure](const LegResult& run) { return run.drain ? figure(*run.drain) : std::nullopt; };
}

std::optional<double> rss_peak_mib(const LegResult& run) {
  if (!run.load.server_rss_peak_bytes) return std::nullopt;
  return *run.load.server_rss_peak_bytes / (1 << 20);
}

struct Row {
  const char* name;
  const char* json_name;
  int digits;
  Comparison::Figure figure;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"requests/s", "requests_per_s", 0, rate},
      {"p50, ms", "p50_ms", 3, latency_ms(0.5)},
      {"p90, ms", "p90_ms", 3, latency_ms(0.9)},
      {"p99, ms", "p99_ms", 3, latency_ms(0.99)},
      {"p99.9, ms", "p999_ms", 3, latency_ms(0.999)},
      {"max, ms", "max_ms", 3, latency_ms(1)},
      {"server CPU a message, µs", "server_cpu_us_per_message", 1,
       [](const LegResult& run) { return run.load.server_cpu_us_per_message(); }},
      {"  until all was stored, µs", "server_cpu_us_per_message_until_stored", 1,
       of_drain([](const Drain& drain) { return drain.server_cpu_us_per_message; })},
      {"server memory at its peak, MiB", "server_rss_peak_mib", 1, rss_peak_mib},
      {"generator CPU a message, µs", "generator_cpu_us_per_message", 1,
       [](const LegResult& run) -> std::optional<double> { return run.load.generator_cpu_us_per_message(); }},
      {"errors", "errors", 0,
       [](const LegResult& run) -> std::optional<double> { return static_cast<double>(run.load.tally.errors()); }},
      {"lag at the end of the load, records", "lag_records_at_end", 0,
       of_drain([](const Drain& drain) { return drain.lag_records; })},
      {"stored by then, %", "stored_at_end_percent", 1, of_drain([](const Drain& drain) -> std::optional<double> {
         return 100 * drain.stored_at_end / static_cast<double>(std::max<std::uint64_t>(drain.accepted, 1));
       })},
      {"until all was stored, s", "drain_s", 3,
       of_drain([](const Drain& drain) -> std::optional<double> { return drain.seconds; })},
  };
  return all;
}

std::string rate_range(const Comparison& comparison, LegKind kind) {
  const std::vector<double> rates = comparison.values(kind, rate);
  if (rates.empty()) return "n/a";
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  return fixed(*low, 0) + "–" + fixed(*high, 0);
}

std::string drain_sentence(const LegResult& run) {
  const Drain& drain = *run.drain;
  const std::string counts = fixed(drain.stored, 0) + " stored of " + std::to_string(drain.accepted) + " accepted";
  return drain.complete ? "the pipeline stored all: " + counts + "\n" : "NOT ALL WAS STORED: " + counts + "\n";
}

json::object run_json(const LegResult& run) {
  json::object object = load_json(run.load);
  if (!run.drain) return object;
  json::object drain{{"accepted", run.drain->accepted},
                     {"stored", run.drain->stored},
                     {"stored_at_end", run.drain->stored_at_end},
                     {"seconds", run.drain->seconds},
                     {"complete", run.drain->complete}};
  if (run.drain->lag_records) drain["lag_records_at_end"] = *run.drain->lag_records;
  object["drain"] = std::move(drain);
  return object;
}

}  // namespace

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<double> Comparison::values(LegKind kind, const Figure& figure) const {
  std::vector<double> found;
  for (const LegResult& run : of(kind)) {
    if (const auto value = figure(run)) found.push_back(*value);
  }
  return found;
}

std::optional<double> Comparison::rate_ratio(LegKind numerator, LegKind denominator) const {
  const auto above = median_of(numerator, rate);
  const auto below = median_of(denominator, rate);
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

std::string comparison_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> cells;
  cells.push_back({std::to_string(comparison.connections) + " connections, median of " +
                   std::to_string(comparison.of(LegKind::write_behind).size())});
  for (const char* name : leg_names) cells.back().emplace_back(name);
  for (const Row& row : rows()) {
    cells.push_back({row.name});
    for (const LegKind kind : all_legs) {
      const auto value = comparison.median_of(kind, row.figure);
      cells.back().push_back(value ? fixed(*value, row.digits) : "");
    }
  }
  std::vector<std::string> range{"requests/s, lowest–highest"};
  for (const LegKind kind : all_legs) range.push_back(rate_range(comparison, kind));
  cells.insert(cells.begin() + 2, std::move(range));
  std::string text = aligned(cells);
  text +=
      "WriteBehind / no-op: " + fixed(comparison.rate_ratio(LegKind::write_behind, LegKind::noop), 2) +
      "   WriteBehind / Synchronous: " + fixed(comparison.rate_ratio(LegKind::write_behind, LegKind::synchronous), 2) +
      "\n";
  for (const LegResult& run : comparison.of(LegKind::write_behind)) text += drain_sentence(run);
  return text;
}

json::object comparison_json(const Comparison& comparison) {
  json::object legs;
  for (const LegKind kind : all_legs) {
    json::object medians;
    for (const Row& row : rows()) medians[row.json_name] = or_null(comparison.median_of(kind, row.figure));
    json::array runs;
    for (const LegResult& run : comparison.of(kind)) runs.push_back(run_json(run));
    legs[leg_names[static_cast<std::size_t>(kind)]] =
        json::object{{"median", std::move(medians)}, {"runs", std::move(runs)}};
  }
  return {{"connections", comparison.connections},
          {"write_behind_to_noop", or_null(comparison.rate_ratio(LegKind::write_behind, LegKind::noop))},
          {"write_behind_to_synchronous", or_null(comparison.rate_ratio(LegKind::write_behind, LegKind::synchronous))},
          {"legs", std::move(legs)}};
}

}  // namespace message_service::bench
