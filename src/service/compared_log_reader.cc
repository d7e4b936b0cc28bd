#include "service/compared_log_reader.h"

#include <algorithm>
#include <utility>

namespace message_service::service {

namespace {

constexpr std::chrono::seconds kAskStoreAgainAfter{1};

base::Error not_compared() {
  return {base::ErrorCode::unavailable, "the store has not said yet how far the log is stored"};
}

}  // namespace

base::Result<LogReader::Polled> ComparedLogReader::poll(std::size_t records_max, base::SteadyTime deadline) {
  if (LogReader* real = real_.load()) return real->poll(records_max, deadline);
  {
    const std::scoped_lock lock(mutex_);
    if (interrupted_) return Polled{};
  }
  auto made = make_();
  std::unique_lock lock(mutex_);
  if (made) {
    owned_ = std::move(*made);
    real_.store(owned_.get());
    if (interrupted_) owned_->interrupt();
  } else if (made.error().code == base::ErrorCode::unavailable) {
    const auto again = base::SteadyClock::now() + kAskStoreAgainAfter;
    wake_.wait_until(lock, std::min(deadline, again), [this] { return interrupted_; });
  } else {
    return made.error();
  }
  return Polled{};
}

void ComparedLogReader::interrupt() {
  const std::scoped_lock lock(mutex_);
  interrupted_ = true;
  wake_.notify_all();
  if (LogReader* real = real_.load()) real->interrupt();
}

void ComparedLogReader::keep_alive() {
  if (LogReader* real = real_.load()) real->keep_alive();
}

base::Result<void> ComparedLogReader::commit(const Progress& progress) {
  LogReader* real = real_.load();
  if (real == nullptr) return not_compared();
  return real->commit(progress);
}

base::Result<std::int32_t> ComparedLogReader::partition_of(std::string_view conversation_id) {
  LogReader* real = real_.load();
  if (real == nullptr) return not_compared();
  return real->partition_of(conversation_id);
}

std::vector<PartitionLag> ComparedLogReader::lag() const {
  LogReader* real = real_.load();
  return real == nullptr ? std::vector<PartitionLag>() : real->lag();
}

bool ComparedLogReader::starts_over() const {
  LogReader* real = real_.load();
  return real != nullptr && real->starts_over();
}

}  // namespace message_service::service
