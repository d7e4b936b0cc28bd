#include "adapters/embedded/log/segment_files.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>

#include "adapters/embedded/folder/look_at.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kDigits = 20;  // as many as any offset has, so that names sort like offsets
constexpr const char* kExtension = ".segment";

std::optional<std::int64_t> first_offset_of(const fs::path& path) {
  const std::string name = path.stem().string();
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), offset);
  const bool is_segment = path.extension() == kExtension && name.size() == kDigits && error == std::errc() &&
                          end == name.data() + name.size() && offset >= 0;
  return is_segment ? std::optional(offset) : std::nullopt;
}

}  // namespace

fs::path segment_path(const fs::path& folder, std::int64_t first_offset) {
  const std::string digits = std::to_string(first_offset);
  return folder / (std::string(kDigits - digits.size(), '0') + digits + kExtension);
}

base::Result<std::vector<SegmentFile>> list_segments(const fs::path& folder) {
  std::vector<SegmentFile> files;
  const auto found = is_there(folder);
  if (!found) return found.error();
  if (!*found) return files;
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    if (const auto offset = first_offset_of(entry)) files.push_back({*offset, entry});
  }
  std::ranges::sort(files, {}, &SegmentFile::first_offset);
  return files;
}

}  // namespace message_service::embedded
