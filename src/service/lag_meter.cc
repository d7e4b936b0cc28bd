#include "service/lag_meter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "base/json_object_writer.h"

namespace message_service::service {

namespace {

std::int64_t stored_until(const PartitionState& state) { return state.end - static_cast<std::int64_t>(state.lag); }

// Positions only move forward; a log whose position seems to go back was cut or made again.
double rate(std::int64_t before, std::int64_t now, double seconds) {
  return seconds <= 0 ? 0 : static_cast<double>(std::max(now - before, std::int64_t{0})) / seconds;
}

void add(LagLine& total, const LagLine& line) {
  if (line.now.committed) total.now.committed = total.now.committed.value_or(0) + *line.now.committed;
  total.now.end += line.now.end;
  total.now.lag += line.now.lag;
  total.stored_per_second += line.stored_per_second;
  total.arrived_per_second += line.arrived_per_second;
}

std::string duration_text(const std::optional<double>& seconds) {
  if (!seconds) return "never at this rate";
  const auto whole = static_cast<std::uint64_t>(std::ceil(*seconds));
  if (whole == 0) return "now";
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h";
}

std::string row(std::string_view name, const LagLine& line) {
  std::array<char, 256> text{};
  const std::string committed = line.now.committed ? std::to_string(*line.now.committed) : "-";
  std::snprintf(text.data(), text.size(), "%-9.*s %14s %14lld %12llu %12.1f %12.1f  %s\n",
                static_cast<int>(name.size()), name.data(), committed.c_str(), static_cast<long long>(line.now.end),
                static_cast<unsigned long long>(line.now.lag), line.stored_per_second, line.arrived_per_second,
                duration_text(line.seconds_to_zero()).c_str());
  return text.data();
}

std::string number_text(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f", number);
  return text.data();
}

void write_figures(base::JsonObjectWriter& writer, const LagLine& line) {
  const auto to_zero = line.seconds_to_zero();
  writer.raw("committed", line.now.committed ? std::to_string(*line.now.committed) : "null")
      .raw("end", std::to_string(line.now.end))
      .number("lag", line.now.lag)
      .raw("storedPerSecond", number_text(line.stored_per_second))
      .raw("arrivedPerSecond", number_text(line.arrived_per_second))
      .raw("secondsToZero", to_zero ? number_text(*to_zero) : "null");
  if (line.requires_version > 1) writer.number("requiresVersion", static_cast<std::uint64_t>(line.requires_version));
  writer.close();
}

}  // namespace

std::optional<double> LagLine::seconds_to_zero() const {
  if (now.lag == 0) return 0;
  const double gain = stored_per_second - arrived_per_second;
  if (gain <= 0) return std::nullopt;
  return static_cast<double>(now.lag) / gain;
}

LagReport compare_lag(const std::vector<PartitionState>& before, const std::vector<PartitionState>& now,
                      double seconds) {
  LagReport report;
  for (const PartitionState& state : now) {
    LagLine line{.now = state};
    const auto earlier = std::ranges::find(before, state.partition, &PartitionState::partition);
    if (earlier != before.end()) {
      line.stored_per_second = rate(stored_until(*earlier), stored_until(state), seconds);
      line.arrived_per_second = rate(earlier->end, state.end, seconds);
    }
    add(report.total, line);
    report.partitions.push_back(line);
  }
  return report;
}

bool stands(const LagLine& line) { return line.now.lag > 0 && line.stored_per_second == 0; }

std::string lag_table(const LagReport& report) {
  std::array<char, 256> head{};
  std::snprintf(head.data(), head.size(), "%-9s %14s %14s %12s %12s %12s  %s\n", "partition", "committed", "end", "lag",
                "stored/s", "arrived/s", "lag is 0 in");
  std::string text = head.data();
  for (const LagLine& line : report.partitions) text += row(std::to_string(line.now.partition), line);
  text += row("total", report.total);
  for (const LagLine& line : report.partitions) {
    if (line.requires_version == 1) continue;
    text += "partition " + std::to_string(line.now.partition) + " stands at a record of version " +
            std::to_string(line.requires_version) +
            ": a program that reads only older ones waits there. See docs/upgrading.md\n";
  }
  return text;
}

std::string lag_json(const LagReport& report) {
  std::string partitions = "[";
  for (const LagLine& line : report.partitions) {
    if (partitions.size() > 1) partitions.push_back(',');
    base::JsonObjectWriter writer(partitions);
    writer.number("partition", static_cast<std::uint64_t>(line.now.partition));
    write_figures(writer, line);
  }
  partitions.push_back(']');
  std::string total;
  base::JsonObjectWriter total_writer(total);
  write_figures(total_writer, report.total);
  std::string text;
  base::JsonObjectWriter(text).raw("partitions", partitions).raw("total", total).close();
  return text;
}

}  // namespace message_service::service
