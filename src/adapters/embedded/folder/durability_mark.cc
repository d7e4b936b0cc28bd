#include "adapters/embedded/folder/durability_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <utility>

#include "adapters/embedded/folder/file_errors.h"

namespace message_service::embedded {

namespace {

// Never lowers the mark: of two threads the one with the higher value wins, in either order.
template <class Number>
void raise(Number& mark, Number to) {
  const std::atomic_ref shared(mark);
  Number now = shared.load(std::memory_order_relaxed);
  while (now < to && !shared.compare_exchange_weak(now, to, std::memory_order_relaxed)) {
  }
}

}  // namespace

base::Result<DurabilityMark> DurabilityMark::open(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) return system_error(file, "open");
  // Allocates the bytes instead of only lengthening the file: a full disk must not end the process when it writes the
  // page.
  errno = posix_fallocate(opened, 0, sizeof(Ends));
  void* const mapped =
      errno == 0 ? mmap(nullptr, sizeof(Ends), PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0) : MAP_FAILED;
  const base::Error error = mapped == MAP_FAILED ? system_error(file, "map") : base::Error{};
  close(opened);
  if (mapped == MAP_FAILED) return error;
  return DurabilityMark(static_cast<Ends*>(mapped));
}

std::int64_t DurabilityMark::peek(const std::filesystem::path& file) {
  std::int64_t offset = 0;
  std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(&offset), sizeof offset);
  return offset;
}

DurabilityMark::DurabilityMark(DurabilityMark&& other) noexcept : mapped_(std::exchange(other.mapped_, nullptr)) {}

DurabilityMark::~DurabilityMark() {
  if (mapped_ != nullptr) munmap(mapped_, sizeof(Ends));
}

std::int64_t DurabilityMark::log_end() const { return std::atomic_ref(mapped_->log).load(std::memory_order_relaxed); }
void DurabilityMark::raise_log_to(std::int64_t offset) { raise(mapped_->log, offset); }

std::uint64_t DurabilityMark::store_end() const {
  return std::atomic_ref(mapped_->store).load(std::memory_order_relaxed);
}
void DurabilityMark::raise_store_to(std::uint64_t number) { raise(mapped_->store, number); }

}  // namespace message_service::embedded
