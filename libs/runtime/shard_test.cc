#include "runtime/shard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/turn_budget.h"

namespace runtime {
namespace {

using std::chrono::milliseconds;

// Calls `ring` when its deadline passes.
class Alarm final : public Expirable {
 public:
  explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)) {}
  void expire() override { ring_(); }

 private:
  std::function<void()> ring_;
};

// Runs `work` on the shard's thread and waits for its end.
void on(Shard& shard, const std::function<void()>& work) {
  std::promise<void> done;
  boost::asio::post(shard.executor(), [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

TEST(Shard, RunsEverythingOnOneThreadOfItsOwn) {
  Shard shard(3);
  EXPECT_EQ(shard.index(), 3u);
  shard.start();
  std::thread::id first;
  std::thread::id second;
  on(shard, [&] { first = std::this_thread::get_id(); });
  on(shard, [&] { second = std::this_thread::get_id(); });
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(Shard, TicksAndKnowsTheTime) {
  Shard shard(0);
  std::promise<base::SteadyTime> third;
  int ticks = 0;
  shard.on_tick([&] {
    if (++ticks == 3) third.set_value(shard.now());
  });
  const base::SteadyTime started = base::SteadyClock::now();
  shard.start();
  const base::SteadyTime told = third.get_future().get();
  EXPECT_GE(told - started, 3 * Shard::kTick);
  EXPECT_LE(told, base::SteadyClock::now());
}

TEST(Shard, DeadlinesEndInTheirOrderAndNotEarly) {
  Shard shard(0);
  std::vector<std::string> rung;
  std::promise<void> all;
  const base::SteadyTime started = base::SteadyClock::now();
  std::vector<milliseconds> passed;
  const auto alarm = [&](const std::string& name) {
    return std::make_shared<Alarm>([&, name] {
      rung.push_back(name);
      passed.push_back(std::chrono::duration_cast<milliseconds>(base::SteadyClock::now() - started));
      if (rung.size() == 3) all.set_value();
    });
  };
  const auto late = alarm("late");
  const auto soon = alarm("soon");
  const auto soon_too = alarm("soon too");
  shard.start();
  on(shard, [&] {
    shard.after(milliseconds(2000), late);
    shard.after(milliseconds(100), soon);
    shard.after(milliseconds(100), soon_too);
  });
  all.get_future().wait();
  EXPECT_EQ(rung, (std::vector<std::string>{"soon", "soon too", "late"}));
  EXPECT_GE(passed[0], milliseconds(100) - Shard::kTick);  // the shard's clock shows the last tick's time
  EXPECT_GE(passed[2], milliseconds(2000) - Shard::kTick);
}

TEST(Shard, ADeadlineWhoseOwnerIsGoneNeverRings) {
  Shard shard(0);
  bool rung = false;
  std::promise<void> later;
  auto gone = std::make_shared<Alarm>([&] { rung = true; });
  const auto stays = std::make_shared<Alarm>([&] { later.set_value(); });
  shard.start();
  on(shard, [&] {
    shard.after(milliseconds(60), gone);
    gone.reset();
    shard.after(milliseconds(60), stays);
  });
  later.get_future().wait();
  EXPECT_FALSE(rung);
}

// Counts the bytes that its containers and objects hold.
template <class T>
struct CountingAllocator {
  using value_type = T;
  explicit CountingAllocator(std::size_t& its_held) : held(&its_held) {}
  template <class U>
  CountingAllocator(const CountingAllocator<U>& other) : held(other.held) {}  // NOLINT: allocators convert
  T* allocate(std::size_t n) {
    *held += n * sizeof(T);
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* at, std::size_t n) {
    *held -= n * sizeof(T);
    std::allocator<T>().deallocate(at, n);
  }
  bool operator==(const CountingAllocator&) const = default;
  std::size_t* held;
};

// Long polls last 90 s, and there are thousands of them: a finished one must not stay until the oldest one ends.
TEST(Shard, AFinishedWaitKeepsNoMemoryWhileAnOlderOneOfItsLengthGoesOn) {
  Shard shard(0);
  const auto oldest = std::make_shared<Alarm>([] {});
  std::size_t held = 0;
  shard.start();
  on(shard, [&] {
    shard.after(std::chrono::hours(1), oldest);
    for (int n = 0; n < 1000; ++n) {
      const auto finished = std::allocate_shared<Alarm>(CountingAllocator<Alarm>(held), [] {});
      shard.after(std::chrono::hours(1), finished);
      Shard::forget(*finished);
    }
  });
  EXPECT_EQ(held, 0u);
}

TEST(Shard, AForgottenDeadlineNeverRings) {
  Shard shard(0);
  bool rung = false;
  std::promise<void> later;
  const auto forgotten = std::make_shared<Alarm>([&] { rung = true; });
  const auto stays = std::make_shared<Alarm>([&] { later.set_value(); });
  shard.start();
  on(shard, [&] {
    shard.after(milliseconds(10), forgotten);
    shard.after(milliseconds(20), stays);
    Shard::forget(*forgotten);
    Shard::forget(*forgotten);
  });
  later.get_future().wait();
  EXPECT_FALSE(rung);
}

TEST(Shard, WorkThatFailsAtATickStopsNothing) {
  Shard shard(0);
  std::promise<void> third;
  int ticks = 0;
  shard.on_tick([&] {
    if (++ticks == 3) third.set_value();
    throw std::runtime_error("as asked");
  });
  shard.start();
  EXPECT_EQ(third.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(Shard, AnExpiredOneMaySetDeadlinesOfOtherLengths) {
  Shard shard(0);
  std::promise<void> done;
  const auto second = std::make_shared<Alarm>([&] { done.set_value(); });
  const auto first = std::make_shared<Alarm>([&] {
    for (int i = 1; i <= 20; ++i) shard.after(std::chrono::hours(i), second);
    shard.after(milliseconds(1), second);
  });
  shard.start();
  on(shard, [&] { shard.after(milliseconds(10), first); });
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

class Job final : public Deferred {
 public:
  explicit Job(std::function<void()> run) : run_(std::move(run)) {}
  void run_deferred() override { run_(); }

 private:
  std::function<void()> run_;
};

TEST(Shard, DeferredWorkRunsInOrderBehindThePresentAndOthersGoOnInBetween) {
  constexpr int jobs = 1000;
  Shard shard(0);
  std::vector<int> ran;  // on the shard's thread only, until `done`
  std::promise<void> done;
  std::size_t ran_before_post = 0;
  shard.start();
  on(shard, [&] {
    for (int i = 0; i < jobs; ++i) shard.defer(std::make_shared<Job>([&, i] { ran.push_back(i); }));
    shard.defer(std::make_shared<Job>([&] {
      shard.defer(std::make_shared<Job>([&] { done.set_value(); }));  // deferred while deferred work runs
    }));
    boost::asio::post(shard.executor(), [&] { ran_before_post = ran.size(); });
    EXPECT_TRUE(ran.empty());
  });
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  std::vector<int> expected(jobs);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(ran, expected);
  EXPECT_LT(ran_before_post, static_cast<std::size_t>(jobs));
}

TEST(Shard, AfterStopNothingRuns) {
  Shard shard(0);
  std::atomic<int> ticks = 0;
  shard.on_tick([&] { ++ticks; });
  shard.start();
  shard.stop();
  const int before = ticks;
  std::this_thread::sleep_for(2 * Shard::kTick);
  EXPECT_EQ(ticks, before);
  shard.stop();
}

// Posts to its home shard when it is destroyed, like a coroutine that waited for another shard.
class Homing final : public Deferred {
 public:
  explicit Homing(Shard& home) : home_(home) {}
  ~Homing() override {
    boost::asio::post(home_.executor(), [] {});
  }
  void run_deferred() override {}

 private:
  Shard& home_;
};

TEST(Shards, WhatStillWaitsIsGivenUpBeforeAnyShardIsGone) {
  Shards shards(2);
  shards[1].hand_over(std::make_shared<Homing>(shards[0]));
  shards[1].defer(std::make_shared<Homing>(shards[0]));
  shards[0].hand_over(std::make_shared<Homing>(shards[1]));
}

TEST(Shards, MakesAsManyAsAskedForOrOneForEachCore) {
  EXPECT_EQ(Shards(3).size(), 3u);
  EXPECT_EQ(Shards(3)[2].index(), 2u);
  EXPECT_EQ(Shards(0).size(), std::max(1U, std::thread::hardware_concurrency()));
}

int pieces_of_a_turn(std::size_t bytes) {
  TurnBudget budget;
  int pieces = 1;
  while (!budget.spend(bytes)) ++pieces;
  return pieces;
}

TEST(TurnBudget, BoundsBytesAndPieces) {
  EXPECT_EQ(pieces_of_a_turn(3), 127) << "small ones cost by their number";
  EXPECT_EQ(pieces_of_a_turn(TurnBudget::kBytes), 1);
  EXPECT_EQ(pieces_of_a_turn(10'000), 4);
}

TEST(TurnBudget, BeginsAnewAfterATurn) {
  TurnBudget budget;
  EXPECT_TRUE(budget.spend(TurnBudget::kBytes));
  EXPECT_FALSE(budget.spend(1));
}

}  // namespace
}  // namespace runtime
