#include "adapters/mongodb/lanes.h"

#include <pthread.h>

#include <string>

namespace message_service::mongodb {

Lanes::Lanes(std::size_t lanes) {
  for (std::size_t i = 1; i < lanes; ++i) threads_.emplace_back([this, i] { work(i); });
}

Lanes::~Lanes() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

base::Result<void> Lanes::run(std::vector<Job> jobs) {
  std::vector<std::future<base::Result<void>>> others;
  for (std::size_t i = 1; i < jobs.size(); ++i) {
    std::packaged_task<base::Result<void>()> task(std::move(jobs[i]));
    others.push_back(task.get_future());
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(std::move(task));
    }
    wake_.notify_one();
  }
  base::Result<void> result = jobs.front()();
  for (auto& other : others) {
    if (auto done = other.get(); !done && result) result = done;
  }
  return result;
}

void Lanes::work(std::size_t number) {
  pthread_setname_np(pthread_self(), ("mongodb-" + std::to_string(number)).c_str());
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace message_service::mongodb
