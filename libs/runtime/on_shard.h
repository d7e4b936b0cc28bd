// Lets a coroutine of one shard have work done on another, where what the work touches lives.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "runtime/shard.h"

namespace runtime {

// Runs `work` on `there` and resumes on `here`, the caller's own shard. At once where both are the same.
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
