// The operating system's figures about this process, read on each call. Any thread; figures that cannot be read are 0.
#pragma once

#include <cstdint>

namespace telemetry {

struct ProcessStats {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since the Unix epoch
  std::uint64_t resident_memory_bytes = 0;
  std::uint64_t virtual_memory_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
};

ProcessStats read_process_stats();

}  // namespace telemetry
