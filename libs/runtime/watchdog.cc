#include "runtime/watchdog.h"

#include <pthread.h>

#include <algorithm>

namespace runtime {

Watchdog::Watchdog(const ServiceManager& manager, const Shards& shards) : manager_(manager), shards_(shards) {
  if (manager.watchdog_interval().count() == 0) return;
  ticks_.resize(shards.size());
  remember_ticks();
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "watchdog");
  const std::chrono::microseconds half = manager_.watchdog_interval() / 2;
  while (!ends_within(half)) {
    while (!all_have_ticked()) {
      if (ends_within(Shard::kTick)) return;
    }
    manager_.notify("WATCHDOG=1");
    remember_ticks();
  }
}

bool Watchdog::ends_within(std::chrono::microseconds pause) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, pause, [this] { return ending_; });
}

bool Watchdog::all_have_ticked() const {
  return std::ranges::all_of(shards_, [this](const auto& shard) { return shard->ticks() != ticks_[shard->index()]; });
}

void Watchdog::remember_ticks() {
  for (const auto& shard : shards_) ticks_[shard->index()] = shard->ticks();
}

}  // namespace runtime
