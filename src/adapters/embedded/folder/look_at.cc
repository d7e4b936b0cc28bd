#include "adapters/embedded/folder/look_at.h"

#include "adapters/embedded/folder/file_errors.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kLook = "look at";

}  // namespace

base::Result<bool> is_there(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (error) return system_error(path, kLook, error.value());
  return found;
}

base::Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    entries.push_back(at->path());
  }
  if (error) return system_error(folder, kLook, error.value());
  return entries;
}

base::Result<fs::path> real_path(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(path, error);
  if (error) return system_error(path, kLook, error.value());
  return real;
}

}  // namespace message_service::embedded
