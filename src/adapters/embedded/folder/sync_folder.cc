#include "adapters/embedded/folder/sync_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "adapters/embedded/folder/file_errors.h"

namespace message_service::embedded {

base::Result<void> sync_folder(const std::filesystem::path& folder) {
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return system_error(folder, "open");
  const bool synced = ::fsync(opened) == 0;
  const base::Error error = synced ? base::Error{} : system_error(folder, "sync");
  ::close(opened);
  if (!synced) return error;
  return {};
}

}  // namespace message_service::embedded
