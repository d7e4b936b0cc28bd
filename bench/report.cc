#include "bench/report.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>

#include "bench/json.h"

namespace message_service::bench {
namespace {

namespace json = boost::json;

struct Percentile {
  const char* name;
  const char* json_name;
  double share;
};
constexpr std::array<Percentile, 4> percentiles{
    {{"p50", "p50_ms", 0.5}, {"p90", "p90_ms", 0.9}, {"p99", "p99_ms", 0.99}, {"p99.9", "p999_ms", 0.999}}};

double to_ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

std::optional<double> to_mib(const std::optional<double>& bytes) {
  if (!bytes) return std::nullopt;
  return *bytes / (1 << 20);
}

}  // namespace

std::string load_table(const LoadResult& result) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"requests answered", std::to_string(result.answered())});
  rows.push_back({"measured, s", fixed(result.measured_s(), 1)});
  rows.push_back({"requests/s", fixed(result.rate(), 0)});
  for (const auto& [name, json_name, share] : percentiles) {
    rows.push_back({std::string(name) + ", ms", fixed(to_ms(result.tally.latency.value_at_ns(share)), 3)});
  }
  rows.push_back({"max, ms", fixed(to_ms(result.tally.latency.max_ns()), 3)});
  rows.push_back({"server CPU a message, µs", fixed(result.server_cpu_us_per_message(), 1)});
  rows.push_back({"server memory at the end, MiB", fixed(to_mib(result.after.server_rss_bytes), 1)});
  rows.push_back({"server memory at its peak, MiB", fixed(to_mib(result.server_rss_peak_bytes), 1)});
  rows.push_back({"generator CPU a message, µs", fixed(result.generator_cpu_us_per_message(), 1)});
  rows.push_back({"errors, whole run", std::to_string(result.tally.errors())});
  for (const auto& [kind, count] : result.tally.errors_by_kind()) rows.push_back({"  " + kind, std::to_string(count)});
  std::string text = aligned(rows);
  if (result.tally.unsent > 0) {
    text += std::to_string(result.tally.unsent) +
            " more requests were due and not sent, for the server did not keep up with --rate;\n"
            "the latencies count them with the time they had waited when the load ended\n";
  }
  return text;
}

json::object load_json(const LoadResult& result) {
  json::object latency;
  for (const auto& [name, json_name, share] : percentiles) {
    latency[json_name] = to_ms(result.tally.latency.value_at_ns(share));
  }
  latency["max_ms"] = to_ms(result.tally.latency.max_ns());
  json::object errors;
  for (const auto& [kind, count] : result.tally.errors_by_kind()) errors[kind] = count;
  return {{"requests", result.answered()},
          {"accepted_in_whole_run", result.accepted},
          {"measured_s", result.measured_s()},
          {"requests_per_s", result.rate()},
          {"latency", latency},
          {"server_cpu_us_per_message", or_null(result.server_cpu_us_per_message())},
          {"server_rss_end_bytes", or_null(result.after.server_rss_bytes)},
          {"server_rss_peak_bytes", or_null(result.server_rss_peak_bytes)},
          {"generator_cpu_us_per_message", result.generator_cpu_us_per_message()},
          {"errors_total", result.tally.errors()},
          {"errors", errors},
          {"unsent", result.tally.unsent},
          {"interrupted", result.interrupted}};
}

json::object options_json(const LoadOptions& options) {
  return {{"rate", or_null(options.rate)},          {"duration_s", options.duration_s},
          {"warmup_s", options.warmup_s},           {"conversations", options.conversations},
          {"content_bytes", options.content_bytes}, {"threads", options.threads},
          {"timeout_s", options.timeout_s},         {"keys", options.keys}};
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  // A letter outside ASCII takes one column and several bytes.
  const auto width = [](const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      text += i == 0 ? row[i] + (row.size() > 1 ? padding : "") : "  " + padding + row[i];
    }
    text += '\n';
  }
  return text;
}

std::string fixed(double value, int digits) {
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string fixed(const std::optional<double>& value, int digits) { return value ? fixed(*value, digits) : "n/a"; }

base::Result<void> write_json_file(const std::string& path, const json::object& content) {
  std::ofstream file(path, std::ios::trunc);
  file << json::serialize(content) << '\n';
  file.close();
  if (!file) return base::Error{base::ErrorCode::unavailable, "--json: cannot write " + path};
  return {};
}

}  // namespace message_service::bench
