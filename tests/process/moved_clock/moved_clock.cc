// A wall clock that jumps, for a program that does not know: preloaded (LD_PRELOAD). The steady clocks stay untouched.
//
//   MOVED_CLOCK_FILE   a file of one int64 in the machine's byte order: by how many milliseconds the wall clock is
//   ahead

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "process/real.h"

namespace {

using Offset = const std::atomic<std::int64_t>;

// The file stays mapped, so that a jump is seen by the next look at the clock.
Offset* map_offset() {
  const char* const path = std::getenv("MOVED_CLOCK_FILE");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* const mapped = mmap(nullptr, sizeof(Offset), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<Offset*>(mapped);
}

std::int64_t offset_ms() {
  static Offset* const offset = map_offset();
  return offset == nullptr ? 0 : offset->load();
}

bool is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  REAL(clock_gettime);
  const int failed = clock_gettime_(clock, time);
  if (failed == 0 && is_wall(clock)) {
    time->tv_sec += offset_ms() / 1000;
    time->tv_nsec += offset_ms() % 1000 * 1'000'000;
    if (time->tv_nsec < 0) {
      --time->tv_sec;
      time->tv_nsec += 1'000'000'000;
    } else if (time->tv_nsec >= 1'000'000'000) {
      ++time->tv_sec;
      time->tv_nsec -= 1'000'000'000;
    }
  }
  return failed;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  REAL(gettimeofday);
  const int failed = gettimeofday_(time, zone);
  if (failed == 0) time->tv_sec += offset_ms() / 1000;
  return failed;
}

time_t time(time_t* result) noexcept {
  REAL(time);
  const time_t now = time_(nullptr) + offset_ms() / 1000;
  if (result != nullptr) *result = now;
  return now;
}

}  // extern "C"
