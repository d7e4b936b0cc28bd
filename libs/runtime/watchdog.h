// Tells the service manager, at half of its watchdog's interval, that every shard still runs: all of them have ticked
// since it was told last. While one of them stands still it is told nothing, and ends the process when its interval is
// over.
//
// The program makes it once the shards run and destroys it before them. Owns one thread, none when nobody watches.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/service_manager.h"
#include "runtime/shard.h"

namespace runtime {

class Watchdog {
 public:
  Watchdog(const ServiceManager& manager, const Shards& shards);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run();
  bool ends_within(std::chrono::microseconds pause);
  bool all_have_ticked() const;
  void remember_ticks();

  const ServiceManager& manager_;
  const Shards& shards_;
  std::vector<std::uint64_t> ticks_;  // of each shard, when the manager was told last; the thread's own
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace runtime
