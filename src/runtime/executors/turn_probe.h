// How long a request waits for its turn on a shard.
//
// The kernel hands over ready sockets in the order in which they became ready. The probe is a descriptor that is always
// ready: put behind all others, it measures how long they have waited. While requests come it is sent again every few
// milliseconds, and again at once while the shard is busy. Belongs to a shard; wait() on its thread only.
#pragma once

#include <atomic>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/clock.h"
#include "runtime/executors/asio_types.h"

namespace message_service {

class TurnProbe {
 public:
  explicit TurnProbe(const Executor& executor);

  // At least as long as a request that is handled now has waited, but for a few milliseconds.
  SteadyClock::duration wait(SteadyTime now);

  // To be called every `interval`: a call that comes late tells that the shard stood still.
  void tick(SteadyTime now, SteadyClock::duration interval);

  // What the probe has waited when it came back last. Any thread.
  SteadyClock::duration last_wait() const { return last_wait_.load(std::memory_order_relaxed); }

 private:
  void send(SteadyTime now);
  void came_back();
  void look_for_standstill(SteadyTime now);

  asio::posix::basic_stream_descriptor<Executor> descriptor_;
  SteadyTime sent_at_{};
  bool on_its_way_ = false;
  SteadyTime tick_due_at_ = SteadyTime::max();
  std::atomic<SteadyClock::duration> last_wait_{SteadyClock::duration::zero()};
};

}  // namespace message_service
