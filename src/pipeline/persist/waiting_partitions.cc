#include "pipeline/persist/waiting_partitions.h"

#include <algorithm>

#include "logging/logging.h"

namespace message_service {

namespace {

constexpr std::chrono::minutes kFirstPause{1};
constexpr std::chrono::minutes kLongestPause{60};

}  // namespace

std::string to_text(const WaitingPartition& waiting) {
  return "partition " + std::to_string(waiting.from.partition) + " stops at offset " +
         std::to_string(waiting.from.offset) + ", where a record needs version " +
         std::to_string(waiting.requires_version);
}

bool WaitingPartitions::holds(std::int32_t partition) const {
  return std::ranges::any_of(waiting_, [&](const auto& w) { return w.from.partition == partition; });
}

void WaitingPartitions::add(const WaitingPartition& waiting, base::SteadyTime now) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(waiting);
  }
  pause_ = kFirstPause;
  remind_at_ = now + pause_;
  log_all();
}

void WaitingPartitions::clear() {
  const std::scoped_lock lock(mutex_);
  waiting_.clear();
}

void WaitingPartitions::remind(base::SteadyTime now) {
  if (waiting_.empty() || now < remind_at_) return;
  pause_ = std::min(pause_ * 2, kLongestPause);
  remind_at_ = now + pause_;
  log_all();
}

std::vector<WaitingPartition> WaitingPartitions::all() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

void WaitingPartitions::log_all() const {
  for (const WaitingPartition& waiting : waiting_) {
    logging::error("This program is too old for a part of the log: " + to_text(waiting) +
                       " and this program reads up to " + std::to_string(reads_) +
                       ". Nothing is lost: start a newer program of the service in its place, and it goes on there",
                   {{"partition", waiting.from.partition}, {"offset", waiting.from.offset}});
  }
}

}  // namespace message_service
