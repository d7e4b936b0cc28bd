// How far storing is behind the log, by partition, and how that changes. Values and arithmetic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace message_service::service {

// Offsets are those of the next record.
struct PartitionState {
  std::int32_t partition = 0;
  std::optional<std::int64_t> committed;  // none: nothing of it was ever stored
  std::int64_t end = 0;
  std::uint64_t lag = 0;
};

struct LagLine {
  PartitionState now;
  double stored_per_second = 0;
  double arrived_per_second = 0;
  int requires_version = 1;  // of the next record, where nothing was stored meanwhile

  // The time until no record waits, at the current rates; none where that never happens.
  std::optional<double> seconds_to_zero() const;
};

struct LagReport {
  std::vector<LagLine> partitions;
  LagLine total;  // its offsets are sums
};

// The changes between two looks. A partition that was not there at the first look has no rates yet.
LagReport compare_lag(const std::vector<PartitionState>& before, const std::vector<PartitionState>& now,
                      double seconds);

// Whether records wait and none was stored between the looks.
bool stands(const LagLine& line);

std::string lag_table(const LagReport& report);
std::string lag_json(const LagReport& report);  // one line

}  // namespace message_service::service
