// A few named threads that run the parts of one call beside the caller.
//
// One for each message store; any thread may call run(). The destructor ends the threads after their jobs are done.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace message_service::mongodb {

class Lanes {
 public:
  using Job = std::function<base::Result<void>()>;

  // The caller of run() is one of the lanes.
  explicit Lanes(std::size_t lanes);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  std::size_t size() const { return threads_.size() + 1; }

  // Returns when all jobs have ended, with the first error in the order of the jobs.
  base::Result<void> run(std::vector<Job> jobs);

 private:
  void work(std::size_t number);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<base::Result<void>()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace message_service::mongodb
