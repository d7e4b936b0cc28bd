#include <sys/statvfs.h>

#include <filesystem>
#include <thread>
#include <utility>

#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/log_progress.h"
#include "service/doctor/findings.h"
#include "service/open_files.h"

namespace message_service::service {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kKeptFree = 32 * kMiB;  // below it the embedded log takes nothing

// The service raises its soft limit by itself, so the hard one counts.
Finding check_open_files(const config::Settings& settings) {
  const std::uint64_t limit = open_files_limit().hard;
  const std::uint64_t wanted = open_files_wanted(settings);
  const std::string text = "open files: " + std::to_string(limit) + " allowed to this user's processes at most, " +
                           std::to_string(wanted) + " wanted for Limits:Connections of " +
                           std::to_string(settings.server.connections_max);
  if (limit >= wanted) return {"machine", Verdict::well, text, ""};
  // The service works with fewer connections; without the files of its own it does not.
  const bool none_left = limit <= wanted - settings.server.connections_max;
  return {"machine", none_left ? Verdict::wrong : Verdict::hint, text,
          "Fewer connections are taken. Raise the limit to " + std::to_string(wanted) +
              " (ulimit -Hn, or LimitNOFILE= of the unit), or lower Limits:Connections"};
}

Finding check_cores() {
  const unsigned cores = std::thread::hardware_concurrency();
  const std::string text = "cores: " + std::to_string(cores);
  if (cores != 1) return {"machine", Verdict::well, text, ""};
  return {"machine", Verdict::hint, text, "With two, storing does not wait for requests"};
}

// The folder itself, or the existing folder in which it will be made.
fs::path nearest_existing(fs::path path) {
  std::error_code error;
  path = fs::absolute(path, error);
  while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Finding check_room(const config::Settings& settings) {
  const fs::path place = nearest_existing(settings.embedded.data_directory);
  struct statvfs disk {};
  if (statvfs(place.c_str(), &disk) != 0) {
    return {"data folder", Verdict::wrong, "the disk at " + place.string() + " cannot be looked at",
            "Check Providers:DataDirectory and its permissions"};
  }
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const std::string text = "free disk at " + place.string() + ": " + std::to_string(free / kMiB) + " MiB";
  if (free < kKeptFree) {
    return {"data folder", Verdict::wrong, text, "Make room: below 32 MiB the log takes no messages"};
  }
  // Two topics may each grow to Retention:MaxBytes, whatever space the messages need.
  if (free < 2 * settings.embedded.retention_bytes_max) {
    return {"data folder", Verdict::hint, text,
            "Less than twice Retention:MaxBytes, which the log's topics may come to need; make room or lower it"};
  }
  return {"data folder", Verdict::well, text, ""};
}

bool is_open(const fs::path& path, fs::perms rights) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return !error && (status.permissions() & rights) != fs::perms::none;
}

constexpr fs::perms kOthersEnter = fs::perms::group_exec | fs::perms::others_exec;
constexpr fs::perms kOthersRead = fs::perms::group_read | fs::perms::others_read;

// A file of the folder that other accounts can read. Empty: none.
std::string readable_by_others(const fs::path& folder) {
  if (!is_open(folder, kOthersEnter)) return {};
  std::error_code error;
  for (const char* part : {"log", "db"}) {
    if (!is_open(folder / part, kOthersEnter)) continue;
    for (const auto& entry : fs::directory_iterator(folder / part, error)) {
      if (is_open(entry.path(), kOthersRead)) return entry.path().string();
    }
  }
  return {};
}

Findings check_rights(const config::Settings& settings) {
  const fs::path& folder = settings.embedded.data_directory;
  const std::string file = readable_by_others(folder);
  if (file.empty()) return {};
  return {{"data folder", Verdict::hint, "other accounts of this machine can read " + file + ", and the messages in it",
           "An earlier version made it so. Close it: chmod -R go-rwx " + folder.string()}};
}

Finding check_log(const config::Settings& settings) {
  if (auto known = embedded::DataFolder::look(settings.embedded.data_directory, settings.reads_records()); !known) {
    return {"data folder", Verdict::wrong, known.error().text, "See docs/upgrading.md"};
  }
  const auto opened = embedded::LogProgress::open(settings.embedded.data_directory);
  if (!opened && opened.error().code == base::ErrorCode::not_found) {
    return {"data folder", Verdict::well,
            settings.embedded.data_directory.string() + " holds no log yet; the first start makes it", ""};
  }
  const auto progress = opened ? (*opened)->read() : base::Result<embedded::LogOffsets>(opened.error());
  if (!progress) {
    return {"data folder", Verdict::wrong, progress.error().text,
            "See \"Damage\" in docs/operations.md; restore the folder from a backup"};
  }
  return {"data folder", Verdict::well,
          "the log ends at " + std::to_string(progress->end) + ", stored are all before " +
              std::to_string(progress->committed),
          ""};
}

}  // namespace

Findings check_machine(const config::Settings& settings) { return {check_open_files(settings), check_cores()}; }

Findings check_data_folder(const config::Settings& settings) {
  Findings found{check_room(settings), check_log(settings)};
  for (Finding& finding : check_rights(settings)) found.push_back(std::move(finding));
  return found;
}

}  // namespace message_service::service
