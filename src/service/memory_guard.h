// The cap over all memory together: gives up what costs clients least first, and refuses messages last.
//
// Each step begins at a share of the cap, and a sample above several shares takes all of their steps, in their order.
// Made by the service; sample() is called by one thread, a few times a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "observe/metrics.h"

namespace message_service::service {

class MemoryGuard {
 public:
  // Drops what it can and counts it. Called on the sampling thread.
  using Step = std::function<void(const telemetry::Counter& dropped)>;
  // In the order in which they are taken; after them, messages and new hub connections are refused.
  struct Steps {
    Step unopened;     // connections that are negotiated and not opened
    Step idle;         // kept connections without a request
    Step caches;       // what can be read again
    Step slow_queues;  // what waits for hub clients that read slowly
  };

  MemoryGuard(std::uint64_t limit_bytes, Steps steps, const Metrics& metrics);

  void sample(std::uint64_t used_bytes);

  // Whether a sample would take any step.
  bool is_pressed(std::uint64_t used_bytes) const { return used_bytes >= stages_.front().from_bytes; }

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
  std::atomic<bool> short_ = false;
};

}  // namespace message_service::service
