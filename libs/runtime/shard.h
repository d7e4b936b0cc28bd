// One core's share of the connections: an io_context and the one thread that runs it. What belongs to a shard is
// touched on its thread only, and so needs no lock.
//
// Made and stopped by the program, and outlives everything that lives on it.
#pragma once

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

// Something that waits, and gives up when its time is over.
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

// Something with work to be done when what runs now is done.
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

  // Ends the thread when what is running now returns. Any other thread.
  void stop();

  // After stop(): destroys what still waits here. Coroutines that were waiting for something of this shard are handed
  // back to their own shards for that, which must still be there.
  void abandon();

  Executor executor() { return context_.get_executor(); }
  std::size_t index() const { return index_; }

  // Steady time as of the last tick: good enough for deadlines, and free.
  base::SteadyTime now() const { return now_; }

  // How long requests wait for their turn here.
  TurnProbe& turns() { return turns_; }

  // Called every tick, on this shard's thread, for the life of the shard.
  void on_tick(std::function<void()> callback) { tick_callbacks_.push_back(std::move(callback)); }

  // Calls expire() after `timeout`, or up to two ticks later, unless `waiting` is gone by then or forget() comes first.
  // Replaces an earlier deadline of the same object. This shard's thread.
  void after(std::chrono::milliseconds timeout, std::weak_ptr<Expirable> waiting);

  // Drops the deadline of `waiting`, if it has one. Whoever is done before the time is over calls it: until then the
  // deadline keeps the object's memory. This shard's thread.
  static void forget(Expirable& waiting);

  // Calls run_deferred() on this shard's thread, in the order of the calls. However many are handed over while the
  // shard is at something else, it is woken once. Any thread.
  void hand_over(std::shared_ptr<Deferred> work);

  // Calls run_deferred() when the present work is done, in the order of the calls. Thousands at once cost little more
  // than their own work, and other work of the shard goes on in between. This shard's thread.
  void defer(std::shared_ptr<Deferred> work);

 private:
  Awaitable<void> tick();
  void post_deferred();
  void run_handed_over();
  void run_deferred();
  void expire_deadlines();

  // Deadlines of one length come in the order in which they end.
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
  std::vector<std::function<void()>> tick_callbacks_;
  std::deque<DeadlineQueue> deadlines_;  // a deque: a waiting object points to its queue
  std::deque<std::shared_ptr<Deferred>> deferred_;
  std::mutex handed_over_mutex_;
  std::vector<std::shared_ptr<Deferred>> handed_over_;
  std::thread thread_;
};

// All shards of a process. A coroutine of one may wait for another, so all are emptied before any is gone.
class Shards {
 public:
  // One for each core when `count` is 0.
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
