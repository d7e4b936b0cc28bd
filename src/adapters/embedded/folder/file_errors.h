// What the adapter says when the file system fails it, and when the log is damaged: one wording for all who read or
// write files.
#pragma once

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace message_service::embedded {

// What an error of the file system takes to go away. No error of the disk concerns one record alone: the log and the
// store stand still together, and go on by themselves.
enum class DiskOutlook {
  passing,  // tried again, for ever: a full disk, one that fails, too few descriptors
  setup,    // somebody has to change the folder, its rights or its mount: at the start it is refused
};

struct DiskError {
  int code;  // errno
  DiskOutlook outlook;
  std::string_view way_out;  // for people; empty where the system's own words say it
};

// Passing where the code is not in the table.
DiskError disk_error_of(int code);

// Of a system call that has just set errno: `unavailable`, or `invalid` where somebody has to put it right first.
inline base::Error system_error(const std::filesystem::path& path, std::string_view doing) {
  const DiskError known = disk_error_of(errno);
  std::string text = "cannot " + std::string(doing) + " " + path.string() + ": " +
                     std::error_code(known.code, std::generic_category()).message();
  if (!known.way_out.empty()) text.append(". ").append(known.way_out);
  return {known.outlook == DiskOutlook::setup ? base::ErrorCode::invalid : base::ErrorCode::unavailable,
          std::move(text)};
}

inline base::Error damaged_log(const std::filesystem::path& folder, std::int64_t offset) {
  return {base::ErrorCode::corrupt,
          "the log in " + folder.string() + " is damaged: no sound record at offset " + std::to_string(offset)};
}

}  // namespace message_service::embedded
