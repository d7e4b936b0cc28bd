#include "runtime/await_callback.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/blocking_pool.h"

namespace runtime {
namespace {

using std::chrono::milliseconds;
using Done = std::function<void(std::string)>;

class AwaitCallback : public testing::Test {
 protected:
  AwaitCallback() { shard.start(); }

  // Returns the coroutine's value, and checks that the coroutine resumed on the shard.
  template <class Coroutine>
  std::string result_of(Coroutine coroutine) {
    std::promise<std::string> result;
    std::promise<std::thread::id> home;
    boost::asio::post(shard.executor(), [&] { home.set_value(std::this_thread::get_id()); });
    const std::thread::id shard_thread = home.get_future().get();
    const auto main = [&]() -> Awaitable<void> {
      std::string value = co_await coroutine();
      EXPECT_EQ(std::this_thread::get_id(), shard_thread);
      result.set_value(std::move(value));
    };
    boost::asio::co_spawn(shard.executor(), main(), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
    auto future = result.get_future();
    if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
      shard.stop();
      ADD_FAILURE() << "it never resumed";
      return "";
    }
    return future.get();
  }

  // Waits until the shard has run the work posted to it.
  void settle() {
    std::promise<void> done;
    boost::asio::post(shard.executor(), [&] { done.set_value(); });
    done.get_future().wait();
  }

  Shard shard{0};
};

TEST_F(AwaitCallback, ResumesWithAValueFromAnotherThread) {
  std::thread other;
  EXPECT_EQ(result_of([&] {
              return await_callback<std::string>(
                  shard, [&](auto done) { other = std::thread([done] { done("from afar"); }); });
            }),
            "from afar");
  other.join();
}

TEST_F(AwaitCallback, ResumesWithAValueThatIsThereAtOnce) {
  EXPECT_EQ(result_of([&] { return await_callback<std::string>(shard, [](auto done) { done("now"); }); }), "now");
}

TEST_F(AwaitCallback, TheFirstOfTwoValuesCounts) {
  EXPECT_EQ(result_of([&] {
              return await_callback<std::string>(shard, [](auto done) {
                done("first");
                done("second");
              });
            }),
            "first");
  settle();
}

TEST_F(AwaitCallback, InTimeIsTheValueAndTheDeadlineIsForgotten) {
  EXPECT_EQ(result_of([&] {
              return await_callback<std::string>(
                  shard, [](auto done) { done("in time"); }, milliseconds(60), [] { return std::string("late"); });
            }),
            "in time");
  std::this_thread::sleep_for(milliseconds(60) + 2 * Shard::kTick);
  settle();
}

TEST_F(AwaitCallback, WhenTheTimeIsOverItResumesWithLateAndTheValueThatComesThenIsDropped) {
  std::optional<Done> kept;
  const base::SteadyTime started = base::SteadyClock::now();
  EXPECT_EQ(result_of([&] {
              return await_callback<std::string>(
                  shard, [&](auto done) { kept = done; }, milliseconds(100), [] { return std::string("late"); });
            }),
            "late");
  EXPECT_GE(base::SteadyClock::now() - started, milliseconds(100) - Shard::kTick);
  EXPECT_LT(base::SteadyClock::now() - started, std::chrono::seconds(10));
  (*kept)("too late");
  settle();
  kept.reset();
  settle();
}

TEST_F(AwaitCallback, BlockingWorkRunsElsewhereAndItsValueComesBack) {
  std::thread worker;
  const auto pool = [&](std::function<void()> work) {
    worker = std::thread(std::move(work));
    return true;
  };
  std::thread::id ran_on;
  EXPECT_EQ(result_of([&] {
              return await_blocking(
                  shard, pool,
                  [&] {
                    ran_on = std::this_thread::get_id();
                    return std::string("read");
                  },
                  std::string("refused"));
            }),
            "read");
  EXPECT_EQ(ran_on, worker.get_id());
  worker.join();
}

TEST_F(AwaitCallback, WhatBlockingWorkThrowsIsThrownOnTheShard) {
  std::thread worker;
  const auto pool = [&](std::function<void()> work) {
    worker = std::thread(std::move(work));
    return true;
  };
  const auto caught = [&]() -> Awaitable<std::string> {
    const auto work = []() -> std::string { throw std::runtime_error("thrown"); };
    try {
      co_return co_await await_blocking(shard, pool, work, std::string("refused"));
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
  };
  EXPECT_EQ(result_of(caught), "thrown");
  worker.join();
}

TEST(BlockingPool, GoesOnAfterWorkThatThrows) {
  BlockingPool pool(1, 2);
  std::promise<void> done;
  ASSERT_TRUE(pool.submit([] { throw std::runtime_error("thrown"); }));
  ASSERT_TRUE(pool.submit([&] { done.set_value(); }));
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  pool.stop();
}

TEST_F(AwaitCallback, AFullPoolIsToldAtOnce) {
  const auto full = [](const std::function<void()>&) { return false; };
  EXPECT_EQ(result_of([&] {
              return await_blocking(
                  shard, full, [] { return std::string("read"); }, std::string("refused"));
            }),
            "refused");
}

}  // namespace
}  // namespace runtime
