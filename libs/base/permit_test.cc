#include "base/permit.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace base {
namespace {

TEST(Permit, ItsEndGivesThePlaceBackOnEveryPath) {
  Budget budget(2);
  {
    const Permit first = budget.take();
    Permit second = budget.take();
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(budget.take());
    const Permit moved = std::move(second);
    EXPECT_EQ(budget.taken(), 2u);
    second = Permit();
    EXPECT_EQ(budget.taken(), 2u) << "a permit that was moved from holds nothing";
  }
  EXPECT_EQ(budget.taken(), 0u);
  try {
    const Permit held = budget.take(2);
    throw std::runtime_error("as asked");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(budget.taken(), 0u);
}

TEST(Permit, TakesAllItsUnitsOrNone) {
  Budget budget(10);
  Permit most = budget.take(9);
  EXPECT_FALSE(budget.take(2));
  EXPECT_FALSE(budget.take(11));
  EXPECT_EQ(budget.taken(), 9u);
  most = Permit();
  EXPECT_TRUE(budget.take(10));
}

TEST(Permit, ManyThreadsNeverHoldMoreThanThereIs) {
  Budget budget(3);
  std::vector<std::thread> threads;
  std::atomic<bool> exceeded = false;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        const Permit permit = budget.take(1 + n % 2);
        if (budget.taken() > 3) exceeded = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget.taken(), 0u);
}

}  // namespace
}  // namespace base
