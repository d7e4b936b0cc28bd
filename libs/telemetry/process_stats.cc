#include "telemetry/process_stats.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace telemetry {

namespace {

// Seconds since the epoch at which the machine started.
double boot_time_seconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    if (word != "btime") continue;
    double seconds = 0;
    file >> seconds;
    return seconds;
  }
  return 0;
}

// The fields of /proc/self/stat after the command's name, which may hold blanks and brackets itself.
void read_stat(ProcessStats& stats) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream rest(line.substr(name_end + 1));
  const auto skip = [&rest](int fields) {
    std::string ignored;
    for (int i = 0; i < fields; ++i) rest >> ignored;
  };
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t resident_pages = 0;
  skip(11);  // fields 3 to 13 of proc(5)
  rest >> user_ticks >> system_ticks;
  skip(4);
  rest >> stats.threads;
  skip(1);
  rest >> start_ticks >> stats.virtual_memory_bytes >> resident_pages;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  stats.cpu_seconds = static_cast<double>(user_ticks + system_ticks) / ticks_per_second;
  stats.start_time_seconds = boot_time_seconds() + static_cast<double>(start_ticks) / ticks_per_second;
  stats.resident_memory_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t count_open_files() {
  constexpr const char* folder = "/proc/self/fd";
  struct stat info {};
  // Since Linux 6.2 the folder's size is the count: no walk over tens of thousands of connections.
  if (::stat(folder, &info) == 0 && info.st_size > 0) return static_cast<std::uint64_t>(info.st_size);
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    ++count;
  }
  return count == 0 ? 0 : count - 1;  // the walk itself holds one open
}

}  // namespace

ProcessStats read_process_stats() {
  ProcessStats stats;
  read_stat(stats);
  stats.open_files = count_open_files();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.open_files_max = limit.rlim_cur;
  return stats;
}

}  // namespace telemetry
