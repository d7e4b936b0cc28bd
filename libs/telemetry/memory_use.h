// How much memory this process uses, and how much it may use. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace telemetry {

// What the kernel cannot take back from this process: its memory without that of mapped files.
std::uint64_t memory_in_use();

// The least limit of the process's control groups, in cgroup v2 and v1. `self` is the text of /proc/self/cgroup, `root`
// where the control groups' file system lies. Nothing where none is set.
std::optional<std::uint64_t> cgroup_memory_limit(const std::filesystem::path& root, std::string_view self);

// The limit of this process's control groups or the machine's memory, whichever is less.
std::uint64_t memory_available(const std::filesystem::path& cgroup_root);

// Gives memory that the allocator keeps for later back to the kernel.
void return_free_memory();

}  // namespace telemetry
