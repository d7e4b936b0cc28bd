#include "adapters/embedded/log/spare_segments.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "adapters/embedded/log/segment.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSpare = "spare";
constexpr const char* kUnfinished = "spare.unfinished";
constexpr std::uint64_t kStepBytes = std::uint64_t{256} << 10;  // then the log's own writes have their turn
constexpr auto kRetryAfter = std::chrono::seconds(1);

}  // namespace

SpareSegments::SpareSegments(fs::path folder, std::uint64_t segment_bytes, HasRoom has_room)
    : folder_(std::move(folder)), segment_bytes_(segment_bytes), has_room_(std::move(has_room)) {
  std::error_code error;
  ready_ = fs::file_size(folder_ / kSpare, error) == segment_bytes_ && !error;
  thread_ = std::thread([this] { run(); });
}

SpareSegments::~SpareSegments() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool SpareSegments::take(const fs::path& as) {
  const std::scoped_lock lock(mutex_);
  if (!ready_) return false;
  std::error_code error;
  fs::rename(folder_ / kSpare, as, error);
  ready_ = false;
  wake_.notify_all();
  return !error;
}

void SpareSegments::give(const fs::path& file) {
  const std::scoped_lock lock(mutex_);
  std::error_code error;
  const bool fits = fs::file_size(file, error) == segment_bytes_ && !error;
  if (!ready_ && fits) {
    fs::rename(file, folder_ / kSpare, error);
    ready_ = !error;
  } else {
    fs::remove(file, error);  // a file that stays is found at the next start
  }
}

void SpareSegments::run() {
  pthread_setname_np(pthread_self(), "log-spares");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (ready_) {
      wake_.wait(lock, [this] { return !ready_ || stopping_; });
      continue;
    }
    lock.unlock();
    const bool made = has_room_(segment_bytes_) && make_file();
    lock.lock();
    if (made && !ready_) {
      std::error_code error;
      fs::rename(folder_ / kUnfinished, folder_ / kSpare, error);
      ready_ = !error;
    }
    if (!ready_) wake_.wait_for(lock, kRetryAfter, [this] { return ready_ || stopping_; });
  }
  std::error_code ignored;
  fs::remove(folder_ / kUnfinished, ignored);
}

bool SpareSegments::make_file() {
  const auto file = Segment::make(folder_ / kUnfinished, {});
  if (!file) return false;
  const std::string zeros(kStepBytes, '\0');
  for (std::uint64_t at = 0; at < segment_bytes_; at += kStepBytes) {
    const std::uint64_t step = std::min(kStepBytes, segment_bytes_ - at);
    if (!(*file)->write(at, std::string_view(zeros).substr(0, step)) || !(*file)->sync()) return false;
    const std::scoped_lock lock(mutex_);
    if (stopping_) return false;
  }
  return true;
}

}  // namespace message_service::embedded
