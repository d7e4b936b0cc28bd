#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace base {

namespace {

// random_bytes() wipes used bytes, so that a later look into memory reveals nothing about ids already handed out.
struct Pool {
  std::array<std::uint8_t, 256> bytes{};  // getrandom never returns short for 256 bytes or less (getrandom(2))
  std::size_t used = bytes.size();
};

thread_local Pool pool;

void refill() {
  ssize_t got = 0;
  do {
    got = getrandom(pool.bytes.data(), pool.bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  CHECK(got == static_cast<ssize_t>(pool.bytes.size()));
  pool.used = 0;
}

}  // namespace

void random_bytes(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (pool.used == pool.bytes.size()) refill();
    const std::size_t count = std::min(out.size(), pool.bytes.size() - pool.used);
    auto* const from = pool.bytes.data() + pool.used;
    std::copy_n(from, count, out.begin());
    std::fill_n(from, count, std::uint8_t{0});
    pool.used += count;
    out = out.subspan(count);
  }
}

}  // namespace base
