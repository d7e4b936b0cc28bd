// The adapter's errors for a failure of the file system and for a damaged log: one wording for all code that reads or
// writes files.
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

// How an error of the file system ends. No error of the disk concerns one record alone: the log and the store stop
// together, and resume by themselves.
enum class DiskOutlook {
  passing,  // retried for ever: a full disk, a failing disk, too few descriptors
  setup,    // somebody must change the folder, its rights or its mount; refused at the start
};

struct DiskError {
  int code;  // errno
  DiskOutlook outlook;
  std::string_view way_out;  // for people; empty when the system's own words are enough
};

// Passing when the code is not in the table.
DiskError disk_error_of(int code);

// The error of a system call, by default of one that has just set errno: `unavailable`, or `invalid` when somebody must
// correct the cause first.
inline base::Error system_error(const std::filesystem::path& path, std::string_view doing, int code = errno) {
  const DiskError known = disk_error_of(code);
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
