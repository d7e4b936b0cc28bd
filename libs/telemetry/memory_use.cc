#include "telemetry/memory_use.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

// From jemalloc, when the program is linked with it.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                     std::size_t new_size);

namespace telemetry {

namespace {

namespace fs = std::filesystem;

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)); }

// Returns nothing for "max", and when the file does not exist.
std::optional<std::uint64_t> read_limit(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t limit = 0;
  if (in >> limit) return limit;
  return std::nullopt;
}

void take_least(std::optional<std::uint64_t>& least, const std::optional<std::uint64_t>& other) {
  if (other && (!least || *other < *least)) least = other;
}

// The least limit of a group and of all groups above it. A container may see its own group as the root, while /proc
// gives the machine's name for the group: groups that do not exist are skipped.
std::optional<std::uint64_t> least_limit(const fs::path& root, fs::path group, std::string_view file) {
  std::optional<std::uint64_t> least = read_limit(root / file);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    take_least(least, read_limit(root / group / file));
  }
  return least;
}

bool lists_memory(const std::string& controllers) {
  std::istringstream all(controllers);
  std::string one;
  while (std::getline(all, one, ',')) {
    if (one == "memory") return true;
  }
  return false;
}

}  // namespace

std::uint64_t memory_in_use() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::uint64_t of_files = 0;
  statm >> all >> resident >> of_files;
  return (resident - std::min(resident, of_files)) * page_bytes();
}

std::optional<std::uint64_t> cgroup_memory_limit(const fs::path& root, std::string_view self) {
  std::optional<std::uint64_t> least;
  std::istringstream lines{std::string(self)};
  std::string id;
  std::string controllers;
  std::string group;
  while (std::getline(lines, id, ':') && std::getline(lines, controllers, ':') && std::getline(lines, group)) {
    if (controllers.empty()) {
      take_least(least, least_limit(root, group, "memory.max"));
      take_least(least, least_limit(root, group, "memory.high"));
    } else if (lists_memory(controllers)) {
      take_least(least, least_limit(root / "memory", group, "memory.limit_in_bytes"));
    }
  }
  return least;
}

std::uint64_t memory_available(const fs::path& cgroup_root) {
  const std::uint64_t machine = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_bytes();
  std::ifstream file("/proc/self/cgroup");
  std::stringstream self;
  self << file.rdbuf();
  return std::min(machine, cgroup_memory_limit(cgroup_root, self.str()).value_or(machine));
}

void return_free_memory() {
  if (mallctl == nullptr) return;
  constexpr const char* kAllArenas = "arena.4096.purge";
  mallctl(kAllArenas, nullptr, nullptr, nullptr, 0);
}

}  // namespace telemetry
