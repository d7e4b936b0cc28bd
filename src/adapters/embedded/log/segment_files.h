// The files of a log's folder: segments, each named by the offset of its first record, and what lies beside them.
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

// By offset. A folder that is not there has none.
base::Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& folder);

}  // namespace message_service::embedded
