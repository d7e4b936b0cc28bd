// One core's share of the connections: an io_context and the one thread that runs it. Only this thread touches the
// shard's objects, so they need no lock.
//
// The program makes and stops a shard. A shard outlives every object that lives on it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "runtime/asio_types.h"
#include "runtime/turn_probe.h"

namespace runtime {

// An object that waits; expire() ends the wait when its deadline passes.
class Expirable {
 public:
  virtual ~Expirable() = default;
  virtual void expire() = 0;

 private:
  friend class Shard;
  struct Deadline {
    base::SteadyTime at;
    std::weak_ptr<Expirable> waiting;
  };
  std::list<Deadline>* queue_ = nullptr;  // while a deadline is set
  std::list<Deadline>::iterator place_;
};

// Work that a shard runs after its present work.
class Deferred {
 public:
  virtual ~Deferred() = default;
  virtual void run_deferred() = 0;
};

class Shard {
 public:
  static constexpr auto kTick = std::chrono::milliseconds(50);

  explicit Shard(std::size_t index);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void start();

  // Ends the thread when the handler that runs now returns. Call on any other thread.
  void stop();

  // Call after stop(). Destroys the work that still waits here. Coroutines that wait for this shard return to their own
  // shards to be destroyed, so those shards must still exist.
  void abandon();

  Executor executor() { return context_.get_executor(); }
  std::size_t index() const { return index_; }

  // Steady time as of the last tick: good enough for deadlines, and free.
  base::SteadyTime now() const { return now_; }

  // How often the shard has ticked: a shard that stands still ticks no more. Any thread.
  std::uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }

  // Measures how long requests wait for their turn here.
  TurnProbe& turns() { return turns_; }

  // The shard calls `callback` every tick, on its own thread, for its whole life.
  void on_tick(std::function<void()> callback) { tick_callbacks_.push_back(std::move(callback)); }

  // Calls expire() after `timeout`, or up to two ticks later, unless `waiting` no longer exists by then or a caller
  // calls forget() first. Replaces an earlier deadline of the same object. This shard's thread.
  void after(std::chrono::milliseconds timeout, std::weak_ptr<Expirable> waiting);

  // Drops the deadline of `waiting`, if it has one. An object that finishes before its deadline calls this: the
  // deadline keeps the object's memory until then. This shard's thread.
  static void forget(Expirable& waiting);

  // Calls run_deferred() on this shard's thread, in the order of the calls. A busy shard wakes once for all the work
  // that other threads hand over meanwhile. Any thread.
  void hand_over(std::shared_ptr<Deferred> work);

  // Calls run_deferred() after the present work, in the order of the calls. Thousands of calls cost little more than
  // their own work, and the shard runs other work in between. This shard's thread.
  void defer(std::shared_ptr<Deferred> work);

 private:
  Awaitable<void> tick();
  void post_deferred();
  void run_handed_over();
  void run_deferred();
  void expire_deadlines();

  // Deadlines with the same timeout, in the order in which they end.
  struct DeadlineQueue {
    std::chrono::milliseconds timeout;
    std::list<Expirable::Deadline> waiting;
  };

  struct Context : boost::asio::io_context {
    using boost::asio::io_context::io_context;
    using boost::asio::io_context::shutdown;
  };

  Context context_{1};
  TurnProbe turns_{context_.get_executor()};
  const std::size_t index_;
  base::SteadyTime now_ = base::SteadyClock::now();
  std::atomic<std::uint64_t> ticks_ = 0;
  std::vector<std::function<void()>> tick_callbacks_;
  std::deque<DeadlineQueue> deadlines_;  // a deque: a waiting object points to its queue
  std::deque<std::shared_ptr<Deferred>> deferred_;
  std::mutex handed_over_mutex_;
  std::vector<std::shared_ptr<Deferred>> handed_over_;
  std::thread thread_;
};

// All shards of a process. A coroutine of one shard may wait for another, so the destructor empties all shards before
// it destroys any.
class Shards {
 public:
  // Makes one shard for each core when `count` is 0.
  explicit Shards(std::size_t count);
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  std::size_t size() const { return shards_.size(); }
  Shard& operator[](std::size_t index) const { return *shards_[index]; }
  auto begin() const { return shards_.begin(); }
  auto end() const { return shards_.end(); }

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace runtime
