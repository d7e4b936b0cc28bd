// Lets coroutines of one shard wait until something has changed. On the shard's thread only.
#pragma once

#include "runtime/asio_types.h"

namespace runtime {

class Waiters {
 public:
  explicit Waiters(const Executor& executor) : timer_(executor, Timer::time_point::max()) {}

  // Resumes on the shard, some time after the next wake_all(). The condition may have changed again by then: check it
  // in a loop. The Waiters must live until then.
  Awaitable<void> wait() { co_await timer_.async_wait(tuple_awaitable); }

  void wake_all() { timer_.cancel(); }

 private:
  Timer timer_;  // never due; cancelling it wakes the waiting coroutines
};

}  // namespace runtime
