// A disk that refuses writes for a while, for a program that does not know: preloaded (LD_PRELOAD).
//
//   SICK_DISK_FOLDER   where writes and syncs fail with EIO, below it too
//   SICK_DISK_SWITCH   a path: they fail while something is there

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "process/real.h"

namespace {

bool is_sick(int descriptor) {
  static const char* const sick_switch = std::getenv("SICK_DISK_SWITCH");
  static const char* const folder = std::getenv("SICK_DISK_FOLDER");
  if (sick_switch == nullptr || folder == nullptr || access(sick_switch, F_OK) != 0) return false;
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size > 0 && std::string_view(path.data(), static_cast<std::size_t>(size)).starts_with(folder);
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
  return is_sick(descriptor) ? refuse() : fdatasync_(descriptor);
}

}  // extern "C"
