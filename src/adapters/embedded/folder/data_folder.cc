#include "adapters/embedded/folder/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/embedded/folder/file_errors.h"
#include "adapters/embedded/folder/look_at.h"
#include "adapters/embedded/folder/sync_folder.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFormatFile = "FORMAT";
constexpr std::string_view kFormat = "message-service data, format ";
constexpr int kFormatNumber = 4;
constexpr std::string_view kRecords = ", records ";  // and the version, when it is above 1

// Where `./run --cluster` keeps its Kafka and its MongoDB, inside the same data folder.
constexpr const char* kClusterFolder = "cluster";

// A folder that holds anything else, and no FORMAT file, belongs to somebody else.
base::Result<void> check_not_foreign(const fs::path& folder) {
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    if (entry.filename() == kClusterFolder) continue;
    return base::Error{base::ErrorCode::invalid, folder.string() +
                                                     " is not a data folder of message-service: it holds " +
                                                     entry.filename().string() + " and no " + kFormatFile +
                                                     " file. Nothing was changed; name an empty or a new folder"};
  }
  return {};
}

base::Result<void> take_lock(int file, const fs::path& folder) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(file, F_SETLK, &lock) == 0) return {};
  struct flock holder = lock;
  std::string who = "another process";
  if (fcntl(file, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK) who = "process " + std::to_string(holder.l_pid);
  return base::Error{base::ErrorCode::conflict, folder.string() + " is in use by " + who +
                                                    ". Nothing was changed; stop it first, or name another folder"};
}

base::Result<std::string> read_format(int file, const fs::path& folder) {
  std::array<char, 64> buffer{};
  const ssize_t count = pread(file, buffer.data(), buffer.size(), 0);
  if (count < 0) return system_error(folder / kFormatFile, "read");
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

// Writes a few bytes at the beginning of a file: a disk has the old bytes or the new bytes.
base::Result<void> write_format(int file, const fs::path& folder, int records) {
  std::string text = std::string(kFormat) + std::to_string(kFormatNumber);
  if (records > 1) text.append(kRecords).append(std::to_string(records));
  text.push_back('\n');
  if (pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) || fsync(file) != 0) {
    return system_error(folder / kFormatFile, "write");
  }
  return {};
}

// The number after the prefix, which is taken from the text; nothing when there is none.
std::optional<int> take_format(std::string_view& text) {
  if (!text.starts_with(kFormat)) return std::nullopt;
  text.remove_prefix(kFormat.size());
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 1) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

base::Error refused_folder(const fs::path& folder, const std::string& what, std::string_view way) {
  return {base::ErrorCode::invalid, folder.string() + " " + what + ". Nothing was changed; " + std::string(way)};
}

constexpr std::string_view kGoForward = "start the program of message-service that wrote it, or a newer one";
constexpr std::string_view kRestoreAgain = "restore the backup again, into an empty or a new folder";
constexpr std::string_view kMoveMessages =
    "the build that wrote it still opens it, and docs/upgrading.md says how its messages get into a new folder";

// The highest version of records in the log, if this program may work on the folder.
base::Result<int> records_in(std::string_view text, const fs::path& folder, int reads) {
  constexpr const char* kUnknown = "has a data format that this version does not know";
  // finish() makes the file last of all, so what is beside an empty one came from a restore that was cut off.
  if (text.empty()) return refused_folder(folder, "was not restored to its end: FORMAT is empty", kRestoreAgain);
  const auto format = take_format(text);
  if (!format || !text.ends_with("\n")) return refused_folder(folder, kUnknown, kGoForward);
  if (*format != kFormatNumber) {
    return refused_folder(folder,
                          "has data format " + std::to_string(*format) + ", and this program reads format " +
                              std::to_string(kFormatNumber),
                          *format < kFormatNumber ? kMoveMessages : kGoForward);
  }
  text.remove_suffix(1);
  if (text.empty()) return 1;
  const bool names_records = text.starts_with(kRecords);
  const auto records = parse_record_version(names_records ? text.substr(kRecords.size()) : "");
  if (!records) return refused_folder(folder, kUnknown, kGoForward);
  if (*records > reads) {
    return refused_folder(folder,
                          "may hold records of version " + std::to_string(*records) +
                              ", and this program reads up to version " + std::to_string(reads),
                          kGoForward);
  }
  return *records;
}

}  // namespace

base::Result<void> DataFolder::check_format(int reads) {
  const auto text = read_format(lock_, folder_);
  if (!text) return text.error();
  // A crash between making FORMAT and writing it leaves the file empty, with nothing beside it.
  const auto has_database = is_there(folder_ / "db");
  if (!has_database) return has_database.error();
  if (text->empty() && !*has_database) return write_format(lock_, folder_, records_);
  const auto records = records_in(*text, folder_, reads);
  if (!records) return records.error();
  records_ = *records;
  return {};
}

base::Result<void> DataFolder::allow_records(int version) {
  if (version <= records_) return {};
  if (auto written = write_format(lock_, folder_, version); !written) return written;
  records_ = version;
  return {};
}

base::Result<void> DataFolder::finish(const fs::path& folder, int records) {
  const int file = open((folder / kFormatFile).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return system_error(folder / kFormatFile, "make");
  const auto written = write_format(file, folder, records);
  close(file);
  return written ? sync_folder(folder) : written;
}

base::Result<void> DataFolder::look(const fs::path& folder, int reads) {
  const int file = open((folder / kFormatFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? base::Result<void>() : system_error(folder / kFormatFile, "open");
  const auto text = read_format(file, folder);
  close(file);
  if (!text) return text.error();
  if (const auto records = records_in(*text, folder, reads); !records) return records.error();
  return {};
}

base::Result<void> DataFolder::check_holds_log(const fs::path& folder) {
  const auto has_log = is_there(database_in(folder) / "CURRENT");
  if (!has_log) {
    return base::Error{has_log.error().code, has_log.error().text + "; or run this as the service's user"};
  }
  if (*has_log) return {};
  return base::Error{base::ErrorCode::not_found,
                     folder.string() + " holds no log; is the service's data folder named right?"};
}

base::Result<DataFolder> DataFolder::claim(const fs::path& folder, int reads) {
  // No other user may read messages. RocksDB asks for wider rights than that, and has no setting for them.
  umask(S_IRWXG | S_IRWXO);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return system_error(folder, "make", error.value());

  const fs::path format = folder / kFormatFile;
  const auto is_marked = is_there(format);
  if (!is_marked) return is_marked.error();
  if (!*is_marked) {
    if (auto own = check_not_foreign(folder); !own) return own.error();
  }
  const int file = open(format.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return system_error(format, "open");
  DataFolder claimed(folder, file);
  if (auto locked = take_lock(file, folder); !locked) return locked.error();
  if (auto known = claimed.check_format(reads); !known) return known.error();
  // The file's name must be durable, too, before any file beside it: without FORMAT the folder would count as foreign.
  if (auto named = sync_folder(folder); !named) return named.error();
  return claimed;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : folder_(std::move(other.folder_)), records_(other.records_), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace message_service::embedded
