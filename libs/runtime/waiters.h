// Lets coroutines of one shard wait until something has changed. On the shard's thread only.
#pragma once

#include "runtime/asio_types.h"

namespace runtime {

class Waiters {
 public:
  explicit Waiters(const Executor& executor) : timer_(executor, Timer::time_point::max()) {}

  // Resumes, later and on the shard, after the next wake_all(). What was waited for may have changed again by then: ask
  // in a loop. The Waiters must live until then.
  Awaitable<void> wait() { co_await timer_.async_wait(tuple_awaitable); }

  void wake_all() { timer_.cancel(); }

 private:
  Timer timer_;  // never due; cancelling it wakes who waits
};

}  // namespace runtime
