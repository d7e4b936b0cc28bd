// How long a request waits for its turn on a shard.
//
// The kernel hands over ready sockets in the order in which they became ready. The probe is a descriptor that is always
// ready: it is placed after all others, so it measures how long they have waited. While requests arrive, the probe is
// sent again every few milliseconds, and at once while the shard is busy. Belongs to a shard; wait() on its thread
// only.
#pragma once

#include <atomic>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/clock.h"
#include "runtime/asio_types.h"

namespace runtime {

class TurnProbe {
 public:
  explicit TurnProbe(const Executor& executor);

  // Returns at least the time that the request handled now has waited, less a few milliseconds.
  base::SteadyClock::duration wait(base::SteadyTime now);

  // Call every `interval`: a late call means that the shard stood still.
  void tick(base::SteadyTime now, base::SteadyClock::duration interval);

  // How long the probe waited when it last came back. Any thread.
  base::SteadyClock::duration last_wait() const { return last_wait_.load(std::memory_order_relaxed); }

 private:
  void send(base::SteadyTime now);
  void came_back();
  void look_for_standstill(base::SteadyTime now);

  boost::asio::posix::basic_stream_descriptor<Executor> descriptor_;
  base::SteadyTime sent_at_{};
  bool on_its_way_ = false;
  base::SteadyTime tick_due_at_ = base::SteadyTime::max();
  std::atomic<base::SteadyClock::duration> last_wait_{base::SteadyClock::duration::zero()};
};

}  // namespace runtime
