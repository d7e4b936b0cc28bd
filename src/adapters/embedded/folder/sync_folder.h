// fsync of a folder. Any thread.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace message_service::embedded {

// Makes the creations, renames and removals in a folder durable.
base::Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace message_service::embedded
