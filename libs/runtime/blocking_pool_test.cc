#include "runtime/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

namespace runtime {
namespace {

TEST(BlockingPool, RunsWorkOnItsOwnThreadsAtTheSameTime) {
  BlockingPool pool(2, 10);
  std::promise<std::thread::id> first;
  std::promise<std::thread::id> second;
  auto second_id = second.get_future().share();
  ASSERT_TRUE(pool.submit([&] {
    second_id.wait();  // returns only if the other work runs meanwhile
    first.set_value(std::this_thread::get_id());
  }));
  ASSERT_TRUE(pool.submit([&] { second.set_value(std::this_thread::get_id()); }));
  const std::set<std::thread::id> threads{first.get_future().get(), second_id.get(), std::this_thread::get_id()};
  EXPECT_EQ(threads.size(), 3u);
}

TEST(BlockingPool, RefusesWhenTooMuchWaits) {
  BlockingPool pool(1, 2);
  std::promise<void> started;
  std::promise<void> go_on;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(pool.submit([&, held = go_on.get_future().share()] {
    started.set_value();
    held.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit([&] { ++ran; }));
  EXPECT_TRUE(pool.submit([&] { ++ran; }));
  EXPECT_FALSE(pool.submit([&] { ran += 100; }));
  go_on.set_value();
  pool.stop();
  EXPECT_EQ(ran, 2) << "what was refused never runs";
}

TEST(BlockingPool, StopRunsWhatWaitsAndTakesNothingNew) {
  BlockingPool pool(2, 1000);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.submit([&] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 500);
  EXPECT_FALSE(pool.submit([&] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 500);
}

TEST(BlockingPool, OneThreadKeepsTheOrder) {
  BlockingPool pool(1, 1000);
  std::vector<int> order;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(pool.submit([&order, i] { order.push_back(i); }));
  pool.stop();
  ASSERT_EQ(order.size(), 200u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace runtime
