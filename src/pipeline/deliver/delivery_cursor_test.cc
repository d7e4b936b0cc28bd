#include "pipeline/deliver/delivery_cursor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace message_service {
namespace {

using Sequences = std::vector<std::uint64_t>;

Sequences range(std::uint64_t from, std::uint64_t to) {
  Sequences all;
  for (std::uint64_t n = from; n <= to; ++n) all.push_back(n);
  return all;
}

// Sends as a catch-up does: at most `rows` messages of a store that holds 1 to `last`, at multiples of `step`.
Sequences send(DeliveryCursor& cursor, std::uint64_t last, std::size_t rows, std::uint64_t step = 1) {
  Sequences sent;
  const DeliveryCursor::Range range = cursor.next();
  std::uint64_t sequence = (range.after / step + 1) * step;
  for (; sequence <= std::min(last, range.end) && sent.size() < rows; sequence += step) {
    sent.push_back(sequence);
    cursor.advance(range, sequence);
  }
  if (range.end != DeliveryCursor::kNoEnd && sequence > std::min(last, range.end)) cursor.advance(range, range.end);
  return sent;
}

Sequences send_all(DeliveryCursor& cursor, std::uint64_t last, std::uint64_t step = 1) {
  Sequences all;
  while (!cursor.is_at_end() || cursor.delivered() < last / step * step) {
    for (const std::uint64_t sequence : send(cursor, last, 3, step)) all.push_back(sequence);
  }
  return all;
}

TEST(DeliveryCursor, SendsEverythingAfterWhereItBegan) {
  DeliveryCursor cursor(4);
  EXPECT_EQ(send_all(cursor, 10), range(5, 10));
}

TEST(DeliveryCursor, AnEqualOrHigherBeginningChangesNothing) {
  DeliveryCursor cursor(2);
  (void)send(cursor, 10, 3);
  EXPECT_FALSE(cursor.extend_to(2));
  EXPECT_FALSE(cursor.extend_to(100));
  EXPECT_EQ(send_all(cursor, 10), range(6, 10));
}

TEST(DeliveryCursor, ALowerOneBeforeAnythingWasSentKeepsTheOrder) {
  DeliveryCursor cursor(7);
  EXPECT_TRUE(cursor.extend_to(5));
  EXPECT_TRUE(cursor.extend_to(1));
  EXPECT_EQ(send_all(cursor, 10), range(2, 10));
}

TEST(DeliveryCursor, ALowerOneLaterBringsOnlyWhatIsMissing) {
  DeliveryCursor cursor(7);
  EXPECT_EQ(send(cursor, 10, 2), range(8, 9));
  EXPECT_TRUE(cursor.extend_to(5));
  EXPECT_FALSE(cursor.is_at_end());
  EXPECT_EQ(send_all(cursor, 10), (Sequences{6, 7, 10}));
}

TEST(DeliveryCursor, SequencesMayHaveGaps) {
  DeliveryCursor cursor(65);
  EXPECT_EQ(send(cursor, 200, 2, 10), (Sequences{70, 80}));
  EXPECT_TRUE(cursor.extend_to(33));
  EXPECT_EQ(send_all(cursor, 100, 10), (Sequences{40, 50, 60, 90, 100}));
}

// For any order of joins and pages.
TEST(DeliveryCursor, NothingIsSentTwiceAndNothingIsMissing) {
  std::mt19937 random(7);
  const auto up_to = [&](std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(0, most)(random); };
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t step = 1 + up_to(4);
    const std::uint64_t last = 40 + up_to(40);
    std::uint64_t lowest = up_to(60);
    DeliveryCursor cursor(lowest);
    Sequences sent;
    const auto add = [&](const Sequences& more) { sent.insert(sent.end(), more.begin(), more.end()); };
    for (std::uint64_t turns = up_to(20); turns > 0; --turns) {
      const std::uint64_t after = up_to(60);
      EXPECT_EQ(cursor.extend_to(after), after < lowest);
      lowest = std::min(lowest, after);
      add(send(cursor, last, up_to(5), step));
    }
    add(send_all(cursor, last, step));
    std::ranges::sort(sent);
    Sequences expected;
    for (std::uint64_t n = (lowest / step + 1) * step; n <= last; n += step) expected.push_back(n);
    ASSERT_EQ(sent, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace message_service
