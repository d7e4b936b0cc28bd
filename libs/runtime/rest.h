// A pause of a coroutine. On its shard.
#pragma once

#include <chrono>

#include "runtime/asio_types.h"
#include "runtime/shard.h"

namespace runtime {

inline Awaitable<void> rest(Shard& shard, std::chrono::milliseconds pause) {
  Timer timer(shard.executor());
  timer.expires_after(pause);
  co_await timer.async_wait(tuple_awaitable);
}

}  // namespace runtime
