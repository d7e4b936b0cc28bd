#include "adapters/embedded/backup/backup_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "adapters/embedded/folder/file_errors.h"
#include "adapters/embedded/folder/look_at.h"
#include "adapters/embedded/folder/sync_folder.h"
#include "adapters/embedded/store/errors.h"
#include "base/hash.h"
#include "base/hex.h"
#include "wire/backup_json.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 4> kEntries{"store", "log", "backups", "LOCK"};

base::Result<void> check_is_of_backups(const fs::path& folder) {
  const auto found = is_there(folder);
  if (!found) return found.error();
  if (!*found) return {};
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    const std::string name = entry.filename().string();
    if (std::ranges::find(kEntries, name) != kEntries.end()) continue;
    return base::Error{base::ErrorCode::invalid,
                       folder.string() + " holds " + name + ", which is no part of a backup; name an empty folder"};
  }
  return {};
}

base::Result<void> write_whole(const fs::path& path, std::string_view bytes) {
  const fs::path unfinished = path.string() + ".unfinished";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_error(unfinished, "make");
  base::Result<void> result;
  while (!bytes.empty() && result) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) result = system_error(unfinished, "write");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (result && ::fsync(file) != 0) result = system_error(unfinished, "sync");
  ::close(file);
  if (result && ::rename(unfinished.c_str(), path.c_str()) != 0) result = system_error(path, "name");
  return result ? sync_folder(path.parent_path()) : result;
}

base::Result<std::string> read_whole(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error(path, "open");
  std::string bytes;
  std::array<char, std::size_t{64} << 10> some;
  ssize_t count = 0;
  while ((count = ::read(file, some.data(), some.size())) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    bytes.append(some.data(), static_cast<std::size_t>(count));
  }
  const base::Error error = count < 0 ? system_error(path, "read") : base::Error{};
  ::close(file);
  if (count < 0) return error;
  return bytes;
}

}  // namespace

std::string digest_of(std::string_view bytes) {
  std::string text;
  base::append_hex(text, base::sha256(bytes));
  return text;
}

base::Result<BackupFolder> BackupFolder::open(const fs::path& folder, Access access, std::uint64_t bytes_per_second) {
  const auto found = is_there(folder / "backups");
  if (!found) return found.error();
  if (access == Access::read && !*found) {
    return base::Error{base::ErrorCode::not_found, folder.string() + " holds no backups"};
  }
  if (auto own = check_is_of_backups(folder); !own) return own.error();
  std::error_code error;
  for (const fs::path& part : {folder, folder / "log", folder / "backups"}) {
    fs::create_directories(part, error);
    if (error) return system_error(part, "make", error.value());
  }
  const int lock = ::open((folder / "LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return system_error(folder / "LOCK", "open");
  BackupFolder opened(folder, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return base::Error{base::ErrorCode::conflict, folder.string() + " is in use: another backup is under way there"};
  }
  rocksdb::BackupEngineOptions options((folder / "store").string());
  options.backup_rate_limit = bytes_per_second;
  rocksdb::BackupEngine* raw = nullptr;
  const auto status = rocksdb::BackupEngine::Open(rocksdb::Env::Default(), options, &raw);
  opened.store_.reset(raw);
  if (!status.ok()) return to_error(status, "open the backups in " + folder.string());
  return opened;
}

BackupFolder::BackupFolder(BackupFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)), store_(std::move(other.store_)) {}

BackupFolder::~BackupFolder() {
  store_.reset();
  if (lock_ >= 0) ::close(lock_);
}

fs::path BackupFolder::description_of(std::uint32_t number) const {
  return descriptions() / (std::to_string(number) + ".json");
}

base::Result<std::vector<Backup>> BackupFolder::list() const {
  std::vector<Backup> all;
  const auto entries = entries_of(descriptions());
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    if (entry.extension() != ".json") continue;
    const auto text = read_whole(entry);
    if (!text) return text.error();
    auto backup = wire::read_backup(*text);
    if (!backup) return base::Error{backup.error().code, entry.string() + ": " + backup.error().text};
    all.push_back(std::move(*backup));
  }
  std::ranges::sort(all, {}, &Backup::number);
  return all;
}

base::Result<void> BackupFolder::add_log_file(const std::string& name, std::string_view bytes) {
  std::error_code error;
  if (fs::file_size(log() / name, error) == bytes.size() && !error) return {};
  return write_whole(log() / name, bytes);
}

base::Result<std::string> BackupFolder::read_log_file(const Backup::LogFile& file) const {
  auto bytes = read_whole(log() / file.name);
  if (!bytes) return bytes;
  if (bytes->size() != file.bytes || digest_of(*bytes) != file.sha256) {
    return base::Error{base::ErrorCode::corrupt,
                       (log() / file.name).string() + " is damaged: it is not as it was written"};
  }
  return bytes;
}

base::Result<void> BackupFolder::describe(const Backup& backup) {
  return write_whole(description_of(backup.number), wire::backup_json(backup) + "\n");
}

base::Result<void> BackupFolder::keep_newest(std::uint32_t count) {
  auto all = list();
  if (!all) return all.error();
  const std::size_t gone = all->size() > count ? all->size() - count : 0;
  std::error_code error;
  for (std::size_t i = 0; i < gone; ++i) fs::remove(description_of((*all)[i].number), error);
  if (auto synced = sync_folder(descriptions()); !synced) return synced;
  std::set<std::uint32_t> numbers;
  std::set<std::string> names;
  for (std::size_t i = gone; i < all->size(); ++i) {
    numbers.insert((*all)[i].number);
    for (const Backup::LogFile& file : (*all)[i].log) names.insert(file.name);
  }
  std::vector<rocksdb::BackupInfo> stores;
  store_->GetBackupInfo(&stores);
  for (const rocksdb::BackupInfo& store : stores) {
    if (numbers.contains(store.backup_id)) continue;
    if (const auto status = store_->DeleteBackup(store.backup_id); !status.ok())
      return to_error(status, "remove a backup");
  }
  const auto files = entries_of(log());
  if (!files) return files.error();
  for (const fs::path& file : *files) {
    if (!names.contains(file.filename().string())) fs::remove(file, error);
  }
  return {};
}

base::Result<void> BackupFolder::verify(const Backup& backup) {
  if (const auto status = store_->VerifyBackup(backup.number, true); !status.ok()) {
    const base::Error why = to_error(status, "verify backup " + std::to_string(backup.number));
    return base::Error{status.IsNotFound() ? base::ErrorCode::corrupt : why.code, why.text};
  }
  for (const Backup::LogFile& file : backup.log) {
    if (const auto bytes = read_log_file(file); !bytes) return bytes.error();
  }
  return {};
}

}  // namespace message_service::embedded
