#include "pipeline/persist/batcher.h"

#include <gtest/gtest.h>

namespace message_service {
namespace {

using std::chrono::milliseconds;

constexpr base::SteadyTime kStart{std::chrono::hours(1)};

constexpr base::SteadyTime after(int passed_ms) { return kStart + milliseconds(passed_ms); }

Batcher batcher(bool when_idle) {
  return Batcher({.size = 50, .size_max = 1000, .interval = milliseconds(1000), .when_idle = when_idle});
}

TEST(Batcher, AnEmptyBatchIsNeverDue) {
  const Batcher empty = batcher(true);
  EXPECT_FALSE(empty.due(after(0), true));
  EXPECT_FALSE(empty.due(after(1'000'000), true));
  EXPECT_EQ(empty.wait_until(after(0), after(123)), after(123));
  EXPECT_EQ(empty.room(), 1000u);
}

TEST(Batcher, AddingNothingStartsNoInterval) {
  Batcher batch = batcher(false);
  batch.add(0, 0, after(0));
  batch.add(1, 0, after(900));
  EXPECT_FALSE(batch.due(after(1899), true));
  EXPECT_EQ(batch.due(after(1900), true), FlushReason::interval);
}

TEST(Batcher, IsDueBySizeWhenFewRecordsAreLarge) {
  Batcher batch = batcher(false);
  batch.add(2, (16 << 20) - 1, after(0));
  EXPECT_FALSE(batch.due(after(1), true));
  batch.add(1, 1, after(1));
  EXPECT_EQ(batch.due(after(1), true), FlushReason::size);
  EXPECT_EQ(batch.wait_until(after(1), after(5000)), after(1));
  batch.flushed();
  batch.add(1, 1, after(2));
  EXPECT_FALSE(batch.due(after(2), true));
}

TEST(Batcher, IsDueBySizeAtExactlyTheSize) {
  Batcher batch = batcher(false);
  batch.add(49, 0, after(0));
  EXPECT_FALSE(batch.due(after(1), false));
  batch.add(1, 0, after(1));
  EXPECT_EQ(batch.due(after(1), false), FlushReason::size);
  EXPECT_EQ(batch.wait_until(after(1), after(999)), after(1)) << "a full batch waits for nothing";
}

// The contract's case: seven of fifty are written when the first is a second old, and need no eighth for it.
TEST(Batcher, SevenOfFiftyAreDueByIntervalWithoutAnEighth) {
  Batcher batch = batcher(false);
  for (int i = 0; i < 7; ++i) batch.add(1, 0, after(i * 10));
  EXPECT_EQ(batch.wait_until(after(60), after(5000)), after(1000)) << "the wait ends when the first is old, not later";
  EXPECT_FALSE(batch.due(after(999), true)) << "an idle log is no reason when it is not to be one";
  EXPECT_EQ(batch.due(after(1000), true), FlushReason::interval);
  EXPECT_EQ(batch.due(after(1000), false), FlushReason::interval);
}

TEST(Batcher, IsDueWhenTheLogIsIdleAndDoesNotWaitForMore) {
  Batcher batch = batcher(true);
  batch.add(1, 0, after(0));
  EXPECT_EQ(batch.wait_until(after(5), after(5000)), after(5));
  EXPECT_FALSE(batch.due(after(5), false)) << "while there is more to read, it grows";
  EXPECT_EQ(batch.due(after(5), true), FlushReason::idle);
}

TEST(Batcher, SizeComesBeforeIntervalAndIntervalBeforeIdle) {
  Batcher batch = batcher(true);
  batch.add(1, 0, after(0));
  EXPECT_EQ(batch.due(after(2000), true), FlushReason::interval);
  batch.add(49, 0, after(10));
  EXPECT_EQ(batch.due(after(2000), true), FlushReason::size);
}

TEST(Batcher, GrowsToTheMostAndNoFurther) {
  Batcher batch = batcher(true);
  batch.add(50, 0, after(0));
  EXPECT_EQ(batch.room(), 950u);
  batch.add(950, 0, after(1));
  EXPECT_EQ(batch.room(), 0u);
  batch.add(1, 0, after(1));
  EXPECT_EQ(batch.room(), 0u) << "never wraps around";
}

TEST(Batcher, BeginsAnewAfterAFlush) {
  Batcher batch = batcher(false);
  batch.add(1000, 0, after(0));
  batch.flushed();
  EXPECT_EQ(batch.room(), 1000u);
  EXPECT_FALSE(batch.due(after(5000), true));
  batch.add(1, 0, after(5000));
  EXPECT_FALSE(batch.due(after(5999), true)) << "the age of the batch before counts no more";
  EXPECT_EQ(batch.due(after(6000), true), FlushReason::interval);
}

}  // namespace
}  // namespace message_service
