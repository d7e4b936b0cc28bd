// A disk with a write cache that a power cut empties, for a program that does not know: preloaded (LD_PRELOAD), it
// keeps beside a folder what would be left of it on the platter.
//
//   VOLATILE_DISK_FOLDER    the program's folder: what the program itself sees
//   VOLATILE_DISK_PLATTER   what has reached the disk; at the start the same as the folder. Beside it, an empty folder
//                           with ".nameless" behind its name is for files that have no name there yet
//   VOLATILE_DISK_EARLY     how likely a write reaches the disk before it is synced, 0 to 1
//   VOLATILE_DISK_SEED      of that chance
//   VOLATILE_DISK_WATCH     a folder below the first one whose steps are counted: each file that is made, write,
//                           sync and change of a name in it
//   VOLATILE_DISK_STEPS     a file that becomes a byte longer with each step
//   VOLATILE_DISK_CUT_AT    before the step of this number the program is killed
//
// What a disk and its file system promise, and no more (POSIX, and ext4 or XFS where POSIX says nothing):
//   - Data is there once its file was synced. Until then any page of it may be there or not, in any order, and of the
//     last page that was under way only some sectors.
//   - A name that is made, changed or removed is there once its folder was synced, and with it all that happened to
//     names before. Folders themselves are there at once: a simplification.
//   - A length is there with the data; pages in between that never arrived are zeros.
// Stores into a mapping cannot be seen here, so small files reach the disk whole, from time to time.
//
// The program is killed at any moment, and then the platter is what a power cut has left.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "process/real.h"

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPageBytes = 4096;
constexpr std::int64_t kSectorBytes = 512;
constexpr double kTornPage = 0.1;       // of those that arrive early
constexpr double kSmallFiles = 0.02;    // at each sync of anything
constexpr useconds_t kSyncTakes = 200;  // microseconds, so that others write meanwhile

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int open_really(const std::string& path, int flags, mode_t mode = 0600) {
  REAL(open);
  return open_(path.c_str(), flags | O_CLOEXEC, mode);
}

// A file, whatever its names are: what the program sees, what is on the platter, and which pages differ.
struct File {
  int live = -1;
  int platter = -1;
  bool watched = false;
  std::set<std::int64_t> dirty{};

  ~File() {
    REAL(close);
    close_(live);
    close_(platter);
  }

  std::int64_t size() const {
    struct stat status {};
    return fstat(live, &status) == 0 ? status.st_size : 0;
  }

  void written(std::int64_t begin, std::int64_t end) {
    for (std::int64_t page = begin / kPageBytes; page * kPageBytes < end; ++page) dirty.insert(page);
  }

  // To the disk goes the page as it is now.
  void put(std::int64_t page, std::int64_t bytes = kPageBytes) const {
    REAL(pwrite);
    char buffer[kPageBytes];
    const std::int64_t at = page * kPageBytes;
    const ssize_t count = pread(live, buffer, static_cast<std::size_t>(bytes), at);
    if (count > 0) pwrite_(platter, buffer, static_cast<std::size_t>(count), at);
  }

  void sync() {
    REAL(ftruncate);
    for (const std::int64_t page : dirty) put(page);
    dirty.clear();
    ftruncate_(platter, size());
  }
};

// Something that happened to a name.
struct NameChange {
  enum class Kind { made, renamed, removed } kind;
  fs::path path;
  fs::path to{};    // where it is renamed
  fs::path file{};  // a new one, which has no name on the platter yet

  bool is_in(const fs::path& folder) const {
    return path.parent_path() == folder || (kind == Kind::renamed && to.parent_path() == folder);
  }
};

class Disk {
 public:
  static Disk& instance() {
    static Disk& disk = *new Disk;  // the program may write until its very end
    return disk;
  }

  std::mutex mutex;

  // A path below the folder, relative to it.
  std::optional<fs::path> inside(const char* path) const {
    if (folder_.empty()) return std::nullopt;
    const fs::path relative = fs::path(path).lexically_relative(folder_);
    if (relative.empty() || *relative.begin() == "..") return std::nullopt;
    return relative == "." ? fs::path() : relative;
  }

  void opened(int descriptor, const fs::path& path, bool existed, bool truncated) {
    if (fs::is_directory(folder_ / path)) {
      folders_[descriptor] = path;
      return;
    }
    const auto file = existed ? known_file(path) : new_file(path);
    if (truncated) file->dirty.clear();
    files_[descriptor] = file;
  }

  void closed(int descriptor) {
    files_.erase(descriptor);
    folders_.erase(descriptor);
  }

  bool has(int descriptor) const { return files_.contains(descriptor); }

  bool is_watched(const fs::path& path) const { return !watch_.empty() && !path.empty() && *path.begin() == watch_; }

  bool is_watched(int descriptor) const {
    if (const auto folder = folders_.find(descriptor); folder != folders_.end()) return is_watched(folder->second);
    const auto file = files_.find(descriptor);
    return file != files_.end() && file->second->watched;
  }

  // Before a step of the watched folder.
  void step() {
    REAL(write);
    if (steps_file_ >= 0 && write_(steps_file_, ".", 1) != 1) std::abort();
    if (++steps_ == cut_at_) kill(getpid(), SIGKILL);
  }

  void written(int descriptor, std::int64_t begin, std::int64_t end) {
    File& file = *files_.at(descriptor);
    file.written(begin, end);
    for (std::int64_t page = begin / kPageBytes; page * kPageBytes < end; ++page) arrive_early(file, page);
  }

  // False when it is none of ours.
  bool synced(int descriptor) {
    if (const auto folder = folders_.find(descriptor); folder != folders_.end()) {
      sync_folder(folder->second);
    } else if (const auto file = files_.find(descriptor); file != files_.end()) {
      file->second->sync();
    } else {
      return false;
    }
    if (happens(kSmallFiles)) write_small_files();
    return true;
  }

  // One that was there at the start has its name on the platter.
  std::shared_ptr<File> known_file(const fs::path& path) {
    auto& file = names_[path];
    if (!file) file = file_of(path, platter_ / path);
    return file;
  }

  void renamed(const fs::path& from, const fs::path& to) {
    names_[to] = std::move(names_.extract(from).mapped());
    change({.kind = NameChange::Kind::renamed, .path = from, .to = to});
  }

  void removed(const fs::path& path) {
    names_.erase(path);
    change({.kind = NameChange::Kind::removed, .path = path});
  }

  void made_folder(const fs::path& path) const { fs::create_directory(platter_ / path); }

 private:
  Disk()
      : folder_(setting("VOLATILE_DISK_FOLDER")),
        platter_(setting("VOLATILE_DISK_PLATTER")),
        nameless_(platter_.string() + ".nameless"),
        watch_(setting("VOLATILE_DISK_WATCH")),
        cut_at_(std::strtoull(setting("VOLATILE_DISK_CUT_AT").c_str(), nullptr, 10)),
        early_(std::atof(setting("VOLATILE_DISK_EARLY").c_str())),
        random_(static_cast<std::uint32_t>(std::atoll(setting("VOLATILE_DISK_SEED").c_str()))) {
    const std::string steps = setting("VOLATILE_DISK_STEPS");
    if (!steps.empty()) steps_file_ = open_really(steps, O_WRONLY | O_CREAT | O_APPEND);
  }

  bool happens(double probability) { return std::uniform_real_distribution<>()(random_) < probability; }

  std::shared_ptr<File> new_file(const fs::path& path) {
    const fs::path nameless = nameless_ / std::to_string(++files_made_);
    const auto file = file_of(path, nameless);
    names_[path] = file;
    change({.kind = NameChange::Kind::made, .path = path, .file = nameless});
    return file;
  }

  std::shared_ptr<File> file_of(const fs::path& path, const fs::path& on_platter) const {
    auto file = std::make_shared<File>();
    file->live = open_really(folder_ / path, O_RDONLY);
    file->platter = open_really(on_platter, O_RDWR | O_CREAT);
    file->watched = is_watched(path);
    return file;
  }

  void change(NameChange change) {
    changes_.push_back(std::move(change));
    if (happens(early_)) apply(changes_.size());
  }

  void sync_folder(const fs::path& folder) {
    const auto last = std::find_if(changes_.rbegin(), changes_.rend(),
                                   [&](const NameChange& change) { return change.is_in(folder); });
    apply(static_cast<std::size_t>(changes_.rend() - last));
  }

  void apply(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const NameChange& change = changes_[i];
      std::error_code gone;
      switch (change.kind) {
        case NameChange::Kind::made:
          fs::rename(change.file, platter_ / change.path, gone);
          break;
        case NameChange::Kind::renamed:
          fs::rename(platter_ / change.path, platter_ / change.to, gone);
          break;
        case NameChange::Kind::removed:
          fs::remove(platter_ / change.path, gone);
          break;
      }
    }
    changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  void arrive_early(File& file, std::int64_t page) {
    if (!happens(early_)) return;
    if (happens(kTornPage)) {
      const auto sectors = std::uniform_int_distribution<std::int64_t>(1, kPageBytes / kSectorBytes - 1)(random_);
      file.put(page, sectors * kSectorBytes);
    } else {
      file.put(page);
      file.dirty.erase(page);
    }
  }

  void write_small_files() const {
    for (const auto& [path, file] : names_) {
      if (file && file->size() <= kPageBytes) file->put(0);
    }
  }

  const fs::path folder_;
  const fs::path platter_;
  const fs::path nameless_;  // beside the platter
  const std::string watch_;
  const std::uint64_t cut_at_;  // 0: never
  std::uint64_t steps_ = 0;
  int steps_file_ = -1;
  const double early_;
  std::mt19937 random_;
  std::uint64_t files_made_ = 0;
  std::map<fs::path, std::shared_ptr<File>> names_;
  std::map<int, std::shared_ptr<File>> files_;  // by descriptor
  std::map<int, fs::path> folders_;             // by descriptor
  std::vector<NameChange> changes_;             // not on the platter yet, in their order
};

std::int64_t end_of_write(int descriptor) { return lseek(descriptor, 0, SEEK_CUR); }

int sync_or(int descriptor, int (*otherwise)(int)) {
  Disk& disk = Disk::instance();
  {
    const std::scoped_lock lock(disk.mutex);
    if (disk.is_watched(descriptor)) disk.step();
    if (!disk.synced(descriptor)) return otherwise(descriptor);
  }
  usleep(kSyncTakes);
  return 0;
}

int removed_by(const char* path, int (*call)(const char*)) {
  Disk& disk = Disk::instance();
  const auto relative = disk.inside(path);
  if (!relative) return call(path);
  const std::scoped_lock lock(disk.mutex);
  if (disk.is_watched(*relative)) disk.step();
  const int result = call(path);
  if (result == 0) disk.removed(*relative);
  return result;
}

}  // namespace

// The C library's functions as the program calls them.
extern "C" {

int open(const char* path, int flags, ...) {
  REAL(open);
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  Disk& disk = Disk::instance();
  const auto relative = disk.inside(path);
  if (!relative) return open_(path, flags, mode);
  const std::scoped_lock lock(disk.mutex);
  const bool existed = fs::exists(path);
  if (!existed && (flags & O_CREAT) != 0 && disk.is_watched(*relative)) disk.step();
  const int descriptor = open_(path, flags, mode);
  if (descriptor >= 0) disk.opened(descriptor, *relative, existed, (flags & O_TRUNC) != 0);
  return descriptor;
}

int close(int descriptor) {
  REAL(close);
  Disk& disk = Disk::instance();
  const std::scoped_lock lock(disk.mutex);
  disk.closed(descriptor);
  return close_(descriptor);
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  REAL(write);
  Disk& disk = Disk::instance();
  const std::scoped_lock lock(disk.mutex);
  if (disk.is_watched(descriptor)) disk.step();
  const ssize_t result = write_(descriptor, bytes, count);
  if (result > 0 && disk.has(descriptor)) {
    const std::int64_t end = end_of_write(descriptor);
    disk.written(descriptor, end - result, end);
  }
  return result;
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t at) {
  REAL(pwrite);
  Disk& disk = Disk::instance();
  const std::scoped_lock lock(disk.mutex);
  if (disk.is_watched(descriptor)) disk.step();
  const ssize_t result = pwrite_(descriptor, bytes, count, at);
  if (result > 0 && disk.has(descriptor)) disk.written(descriptor, at, at + result);
  return result;
}

int fsync(int descriptor) {
  REAL(fsync);
  return sync_or(descriptor, fsync_);
}

int fdatasync(int descriptor) {
  REAL(fdatasync);
  return sync_or(descriptor, fdatasync_);
}

int rename(const char* from, const char* to) {
  REAL(rename);
  Disk& disk = Disk::instance();
  const auto relative_from = disk.inside(from);
  const auto relative_to = disk.inside(to);
  if (!relative_from || !relative_to) return rename_(from, to);
  const std::scoped_lock lock(disk.mutex);
  if (fs::exists(from)) disk.known_file(*relative_from);
  if (disk.is_watched(*relative_to)) disk.step();
  const int result = rename_(from, to);
  if (result == 0) disk.renamed(*relative_from, *relative_to);
  return result;
}

int unlink(const char* path) noexcept {
  REAL(unlink);
  return removed_by(path, unlink_);
}

int remove(const char* path) noexcept {
  REAL(remove);
  return removed_by(path, remove_);
}

int mkdir(const char* path, mode_t mode) noexcept {
  REAL(mkdir);
  const int result = mkdir_(path, mode);
  Disk& disk = Disk::instance();
  if (const auto relative = disk.inside(path); relative && result == 0) disk.made_folder(*relative);
  return result;
}

}  // extern "C"
