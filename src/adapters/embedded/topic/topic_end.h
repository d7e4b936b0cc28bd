// The end of a topic: the next offset to be written, and a way to wait for it to move. Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace message_service::embedded {

class TopicEnd {
 public:
  explicit TopicEnd(std::int64_t next) : next_(next) {}

  std::int64_t next() const { return next_.load(std::memory_order_acquire); }

  // Call it after the records below `next` are durable. One writer at a time.
  void advance_to(std::int64_t next) {
    {
      const std::scoped_lock lock(mutex_);
      next_.store(next, std::memory_order_release);
    }
    moved_.notify_all();
  }

  // Waits until `ready` returns true or until `deadline`. Calls `ready` again after every advance and every wake().
  template <class Ready>
  void wait_until(base::SteadyTime deadline, Ready ready) {
    if (ready()) return;
    std::unique_lock lock(mutex_);
    moved_.wait_until(lock, deadline, ready);
  }

  void wake() {
    { const std::scoped_lock lock(mutex_); }  // so that a waiter between its check and its sleep is not missed
    moved_.notify_all();
  }

 private:
  std::atomic<std::int64_t> next_;
  std::mutex mutex_;
  std::condition_variable moved_;
};

}  // namespace message_service::embedded
