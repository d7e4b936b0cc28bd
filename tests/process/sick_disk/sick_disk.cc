// A disk that refuses writes for a while, or is slow, for a program that does not know: preloaded (LD_PRELOAD).
//
//   SICK_DISK_FOLDER   where writes and syncs fail with EIO, below it too
//   SICK_DISK_SWITCH   a path: they fail while something is there
//   SICK_DISK_SYNC_MS  how much longer each sync of the log's data takes

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "process/real.h"

namespace {

std::string path_of(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return {path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

bool is_sick(int descriptor) {
  static const char* const sick_switch = std::getenv("SICK_DISK_SWITCH");
  static const char* const folder = std::getenv("SICK_DISK_FOLDER");
  if (sick_switch == nullptr || folder == nullptr || access(sick_switch, F_OK) != 0) return false;
  return path_of(descriptor).starts_with(folder);
}

void take_time(int descriptor) {
  static const char* const sync_ms = std::getenv("SICK_DISK_SYNC_MS");
  if (sync_ms == nullptr || path_of(descriptor).find("/log/") == std::string::npos) return;
  usleep(static_cast<useconds_t>(std::atoi(sync_ms)) * 1000);
}

int refuse() {
  errno = EIO;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  REAL(write);
  return is_sick(descriptor) ? refuse() : write_(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t at) {
  REAL(pwrite);
  return is_sick(descriptor) ? refuse() : pwrite_(descriptor, bytes, count, at);
}

int fsync(int descriptor) {
  REAL(fsync);
  return is_sick(descriptor) ? refuse() : fsync_(descriptor);
}

int fdatasync(int descriptor) {
  REAL(fdatasync);
  take_time(descriptor);
  return is_sick(descriptor) ? refuse() : fdatasync_(descriptor);
}

}  // extern "C"
