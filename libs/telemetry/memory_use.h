// How much memory this process uses, and how much it may use. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace telemetry {

// The memory that the kernel cannot take back from this process: its memory without mapped files.
std::uint64_t memory_in_use();

// The least limit of the process's control groups, in cgroup v2 and v1. `self` is the text of /proc/self/cgroup; `root`
// is the folder of the control groups' file system. Returns nothing when no limit is set.
std::optional<std::uint64_t> cgroup_memory_limit(const std::filesystem::path& root, std::string_view self);

// The lesser of the limit of this process's control groups and the machine's memory.
std::uint64_t memory_available(const std::filesystem::path& cgroup_root);

// Returns to the kernel the memory that the allocator keeps for later.
void return_free_memory();

}  // namespace telemetry
