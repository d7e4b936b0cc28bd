// Bounds how much of one client's input a coroutine handles before the shard does other work. On the shard's thread
// only.
#pragma once

#include <boost/asio/post.hpp>
#include <cstddef>
#include <thread>

#include "runtime/shard.h"

namespace runtime {

class TurnBudget {
 public:
  static constexpr std::size_t kBytes = std::size_t{32} << 10;
  static constexpr std::size_t kPieceBytes = 256;  // each piece of the input counts this many bytes more than its own

  // Counts one more piece of the input. Returns true when the turn is over and give_way() is due.
  bool spend(std::size_t bytes) {
    spent_ += bytes + kPieceBytes;
    if (spent_ < kBytes) return false;
    spent_ = 0;
    return true;
  }

 private:
  std::size_t spent_ = 0;
};

// Resumes after the work that now waits for the shard, and after the threads that wait for its core. When cores are
// scarce, the kernel lets a busy thread run on for some milliseconds while the log's threads wait. Measured on two
// cores, beside one connection that sends pings without end: the p99 of honest posts is 6.2 ms with the yield and 10 ms
// without it.
inline Awaitable<void> give_way(Shard& shard) {
  co_await boost::asio::post(shard.executor(), use_awaitable);
  std::this_thread::yield();
}

}  // namespace runtime
