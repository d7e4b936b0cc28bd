// Lets a coroutine of one shard run work on another shard, which owns the objects that the work touches.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "runtime/shard.h"

namespace runtime {

// Runs `work` on `there` and resumes on `here`, the caller's own shard. Runs it at once when both are the same shard.
template <class T>
Awaitable<T> on_shard(Shard& here, Shard& there, Awaitable<T> work) {
  if (&here == &there) {
    T value = co_await std::move(work);
    co_return value;
  }
  T value = co_await boost::asio::co_spawn(there.executor(), std::move(work), use_awaitable);
  co_return value;
}

}  // namespace runtime
