#include "adapters/embedded/durable_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace message_service::embedded {

namespace {

constexpr std::size_t kBytes = sizeof(std::int64_t);

}  // namespace

Result<DurableMark> DurableMark::open(const std::filesystem::path& file) {
  const auto failed = [&] {
    return Error{ErrorCode::unavailable, "cannot map " + file.string() + ": " + std::strerror(errno)};
  };
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) return failed();
  void* mapped = MAP_FAILED;
  // Allocated, not only lengthened: a full disk must not end the process when the page is written.
  if (posix_fallocate(opened, 0, kBytes) == 0) {
    mapped = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
  }
  close(opened);
  if (mapped == MAP_FAILED) return failed();
  return DurableMark(static_cast<std::int64_t*>(mapped));
}

std::int64_t DurableMark::peek(const std::filesystem::path& file) {
  std::int64_t offset = 0;
  std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(&offset), sizeof offset);
  return offset;
}

DurableMark::DurableMark(DurableMark&& other) noexcept : mapped_(std::exchange(other.mapped_, nullptr)) {}

DurableMark::~DurableMark() {
  if (mapped_ != nullptr) munmap(mapped_, kBytes);
}

std::int64_t DurableMark::offset() const { return std::atomic_ref(*mapped_).load(std::memory_order_relaxed); }

void DurableMark::raise_to(std::int64_t offset) { std::atomic_ref(*mapped_).store(offset, std::memory_order_relaxed); }

}  // namespace message_service::embedded
