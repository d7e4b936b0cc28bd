// What the adapter says when the file system fails it, and when the log is damaged: one wording for all who read or
// write files.
#pragma once

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"

namespace message_service::embedded {

// Of a system call that has just set errno.
inline Error system_error(const std::filesystem::path& path, std::string_view doing) {
  const std::error_code error(errno, std::generic_category());
  return {ErrorCode::unavailable, "cannot " + std::string(doing) + " " + path.string() + ": " + error.message()};
}

inline Error damaged_log(const std::filesystem::path& folder, std::int64_t offset) {
  return {ErrorCode::corrupt,
          "the log in " + folder.string() + " is damaged: no sound record at offset " + std::to_string(offset)};
}

}  // namespace message_service::embedded
