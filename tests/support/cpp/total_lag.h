// For tests: what a reader has not committed yet.
#pragma once

#include <cstdint>

#include "ports/log_reader.h"

namespace message_service {

inline std::uint64_t total_lag(const LogReader& reader) {
  std::uint64_t records = 0;
  for (const PartitionLag& lag : reader.lag()) records += lag.records;
  return records;
}

}  // namespace message_service
