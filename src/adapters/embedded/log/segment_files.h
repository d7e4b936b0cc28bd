// The segment files of a log's folder. Each has the offset of its first record as its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace message_service::embedded {

struct SegmentFile {
  std::int64_t first_offset = 0;
  std::filesystem::path path;
};

std::filesystem::path segment_path(const std::filesystem::path& folder, std::int64_t first_offset);

// Sorted by offset. Empty when the folder does not exist.
base::Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& folder);

}  // namespace message_service::embedded
