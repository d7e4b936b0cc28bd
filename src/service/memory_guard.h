// The cap over all memory together: it drops first the memory that costs clients least, and refuses messages last.
//
// Each step begins at a share of the cap, and a sample above several shares takes all of their steps, in their order.
// The service makes it. One thread calls watch(), a few times a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "observe/metrics.h"

namespace message_service::service {

// The cap: what the settings say, or a part of what the machine allows.
std::uint64_t memory_limit(const config::Process& process);

class MemoryGuard {
 public:
  // Drops as much as it can and counts it. Runs on the sampling thread.
  using Step = std::function<void(const telemetry::Counter& dropped)>;
  // In the order in which the guard takes them. After them it refuses messages and new hub connections.
  struct Steps {
    Step unopened;     // connections that are negotiated and not opened
    Step idle;         // kept connections without a request
    Step caches;       // data that can be read again
    Step slow_queues;  // messages that wait for hub clients that read slowly
  };

  MemoryGuard(std::uint64_t limit_bytes, Steps steps, const Metrics& metrics);

  // Samples the memory in use. Where the sample would take a step, it first calls `return_free`, once a second at most,
  // for the memory that the allocator keeps for later: nobody misses that.
  void watch(base::SteadyTime now, const std::function<void()>& return_free);

  void sample(std::uint64_t used_bytes);

  // Whether new work must be refused. Any thread.
  const std::atomic<bool>& is_short() const { return short_; }

 private:
  struct Stage {
    std::uint64_t from_bytes;
    Step step;
    telemetry::Counter dropped;
  };

  const std::uint64_t limit_bytes_;
  const telemetry::Gauge used_;
  std::vector<Stage> stages_;
  base::SteadyTime returned_at_{};
  std::atomic<bool> short_ = false;
};

}  // namespace message_service::service
