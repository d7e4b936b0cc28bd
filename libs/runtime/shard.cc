#include "runtime/shard.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "runtime/spawn.h"

namespace runtime {

namespace {

constexpr std::size_t kDeferredAtOnce = 64;  // then other work has its turn

// Work that one shard hands back to another is abandoned in the next round. A coroutine waits for one that waits for
// one, and no chain is longer.
constexpr int kAbandonRounds = 4;

}  // namespace

Shard::Shard(std::size_t index) : index_(index) {}

Shard::~Shard() { stop(); }

void Shard::start() {
  spawn(executor(), tick(), "A shard's clock");  // lives as long as the shard, which owns its context
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("io-" + std::to_string(index_)).c_str());
    context_.run();
  });
}

void Shard::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Shard::after(std::chrono::milliseconds timeout, std::weak_ptr<Expirable> waiting) {
  auto queue = std::ranges::find(deadlines_, timeout, &DeadlineQueue::timeout);
  if (queue == deadlines_.end()) queue = deadlines_.insert(queue, {timeout, {}});
  const auto owner = waiting.lock();
  if (!owner) return;
  forget(*owner);
  // now_ is one tick late at most.
  queue->waiting.push_back({now_ + kTick + timeout, std::move(waiting)});
  owner->queue_ = &queue->waiting;
  owner->place_ = std::prev(queue->waiting.end());
}

void Shard::forget(Expirable& waiting) {
  if (auto* queue = std::exchange(waiting.queue_, nullptr)) queue->erase(waiting.place_);
}

void Shard::hand_over(std::shared_ptr<Deferred> work) {
  bool first = false;
  {
    const std::scoped_lock lock(handed_over_mutex_);
    first = handed_over_.empty();
    handed_over_.push_back(std::move(work));
  }
  if (first) boost::asio::post(context_, [this] { run_handed_over(); });
}

void Shard::run_handed_over() {
  std::vector<std::shared_ptr<Deferred>> work;
  {
    const std::scoped_lock lock(handed_over_mutex_);
    work.swap(handed_over_);
  }
  for (const auto& one : work) one->run_deferred();
}

void Shard::defer(std::shared_ptr<Deferred> work) {
  deferred_.push_back(std::move(work));
  if (deferred_.size() == 1) post_deferred();
}

void Shard::post_deferred() {
  boost::asio::post(context_, [this] { run_deferred(); });
}

// The first element stays in the queue while it runs, so that defer() sees that a turn is under way.
void Shard::run_deferred() {
  for (std::size_t i = 0; i < kDeferredAtOnce && !deferred_.empty(); ++i) {
    deferred_.front()->run_deferred();
    deferred_.pop_front();
  }
  if (!deferred_.empty()) post_deferred();
}

Awaitable<void> Shard::tick() {
  Timer timer(context_.get_executor());
  turns_.tick(base::SteadyClock::now(), kTick);
  while (true) {
    timer.expires_after(kTick);
    co_await timer.async_wait(use_awaitable);
    now_ = base::SteadyClock::now();
    ticks_.fetch_add(1, std::memory_order_relaxed);
    turns_.tick(now_, kTick);
    try {
      expire_deadlines();
      for (const auto& callback : tick_callbacks_) callback();
    } catch (...) {
      log_failure("Work at a shard's tick", std::current_exception());
    }
  }
}

void Shard::expire_deadlines() {
  // NOLINTNEXTLINE(modernize-loop-convert): expire() may add a queue
  for (std::size_t i = 0; i < deadlines_.size(); ++i) {
    auto& queue = deadlines_[i].waiting;
    while (!queue.empty() && queue.front().at <= now_) {
      const auto waiting = queue.front().waiting.lock();
      queue.pop_front();
      if (!waiting) continue;
      waiting->queue_ = nullptr;
      waiting->expire();
    }
  }
}

void Shard::abandon() {
  // Outside the queues, since a destructor may add work to the queues.
  std::vector<std::shared_ptr<Deferred>> handed_over;
  std::deque<std::shared_ptr<Deferred>> deferred;
  {
    const std::scoped_lock lock(handed_over_mutex_);
    handed_over.swap(handed_over_);
  }
  deferred.swap(deferred_);
  handed_over.clear();
  deferred.clear();
  context_.shutdown();
}

Shards::Shards(std::size_t count) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>(i));
}

Shards::~Shards() {
  for (const auto& shard : shards_) shard->stop();
  for (int round = 0; round < kAbandonRounds; ++round) {
    for (const auto& shard : shards_) shard->abandon();
  }
}

}  // namespace runtime
