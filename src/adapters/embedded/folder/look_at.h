// What lies in a folder, for code that must not throw: std::filesystem throws for a folder that this process may not
// look at, and its loop over a folder throws for a disk that fails on the way. Blocks for the disk. Errors as
// system_error().
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace message_service::embedded {

base::Result<bool> is_there(const std::filesystem::path& path);

// In any order.
base::Result<std::vector<std::filesystem::path>> entries_of(const std::filesystem::path& folder);

// Absolute, and without links as far as it exists.
base::Result<std::filesystem::path> real_path(const std::filesystem::path& path);

}  // namespace message_service::embedded
