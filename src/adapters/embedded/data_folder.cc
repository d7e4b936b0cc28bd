#include "adapters/embedded/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/embedded/file_errors.h"
#include "adapters/embedded/log/segment.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFormatFile = "FORMAT";
constexpr std::string_view kFormat = "message-service data, format 4\n";

// Where `./run --cluster` keeps its Kafka and its MongoDB, inside the same data folder.
constexpr const char* kClusterFolder = "cluster";

// A folder that holds anything else, and no FORMAT file, belongs to somebody else.
Result<void> check_not_foreign(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename() == kClusterFolder) continue;
    return Error{ErrorCode::invalid, folder.string() + " is not a data folder of message-service: it holds " +
                                         entry.path().filename().string() + " and no " + kFormatFile +
                                         " file. Nothing was changed; name an empty or a new folder"};
  }
  if (error) return Error{ErrorCode::unavailable, "cannot list " + folder.string() + ": " + error.message()};
  return {};
}

Result<void> take_lock(int file, const fs::path& folder) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(file, F_SETLK, &lock) == 0) return {};
  struct flock holder = lock;
  std::string who = "another process";
  if (fcntl(file, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK) who = "process " + std::to_string(holder.l_pid);
  return Error{ErrorCode::conflict, folder.string() + " is in use by " + who +
                                        ". Nothing was changed; stop it first, or name another folder"};
}

Result<void> check_format(int file, const fs::path& folder) {
  std::array<char, 64> buffer{};
  const ssize_t count = pread(file, buffer.data(), buffer.size(), 0);
  if (count < 0) return system_error(folder / kFormatFile, "read");
  const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
  if (text == kFormat) return {};
  // A crash between making the file and writing it leaves it empty, and nothing else beside it.
  if (text.empty() && !fs::exists(folder / "db")) {
    if (pwrite(file, kFormat.data(), kFormat.size(), 0) != static_cast<ssize_t>(kFormat.size()) || fsync(file) != 0) {
      return system_error(folder / kFormatFile, "write");
    }
    return {};
  }
  return Error{ErrorCode::invalid,
               folder.string() + " has a data format that this version does not know. Nothing was changed"};
}

}  // namespace

Result<DataFolder> DataFolder::claim(const fs::path& folder) {
  // Messages are nobody else's to read. RocksDB asks for wider rights than that, and has no setting for them.
  umask(S_IRWXG | S_IRWXO);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    errno = error.value();
    return system_error(folder, "make");
  }

  const fs::path format = folder / kFormatFile;
  if (!fs::exists(format)) {
    if (auto own = check_not_foreign(folder); !own) return own.error();
  }
  const int file = open(format.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return system_error(format, "open");
  DataFolder claimed(folder, file);
  if (auto locked = take_lock(file, folder); !locked) return locked.error();
  if (auto known = check_format(file, folder); !known) return known.error();
  // The name too, before there is anything beside it: without it the folder would be a stranger's.
  if (auto named = sync_folder(folder); !named) return named.error();
  return claimed;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace message_service::embedded
