// A few named threads for work that blocks: store reads, synchronous writes. Bounded; any thread may submit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace runtime {

class BlockingPool {
 public:
  BlockingPool(std::size_t threads, std::size_t waiting_max, std::string name = "blocking");
  ~BlockingPool();

  // Returns false when the queue is full or the pool stops; then the work will not run. What the work throws is logged.
  bool submit(std::function<void()> work);

  // Runs the waiting work, then ends the threads. Idempotent.
  void stop();

 private:
  void run();

  const std::size_t waiting_max_;
  const std::string name_;  // of its threads
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace runtime
