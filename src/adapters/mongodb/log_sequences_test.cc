#include "adapters/mongodb/log_sequences.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace message_service::mongodb {
namespace {

LogShape shape(std::int32_t partitions, std::vector<std::int64_t> ends = {}, std::string log_id = "log-1") {
  return {.log_id = std::move(log_id), .partitions = partitions, .end_offsets = std::move(ends)};
}

// Registers each epoch that is to begin, as the adapter would.
struct Register {
  std::vector<Epoch> epochs;

  base::Result<void> see(const LogShape& shape) {
    auto epoch = epoch_to_begin(epochs, shape);
    if (!epoch) return epoch.error();
    if (*epoch) epochs.push_back(**epoch);
    return {};
  }
  void see_synchronous_writes() {
    epochs.push_back({.number = static_cast<int>(epochs.size()), .kind = Epoch::Kind::synchronous});
  }
  std::uint64_t sequence(std::int32_t partition, std::int64_t offset, std::string_view log_id = "log-1") const {
    return LogSequences(epochs, log_id).of({partition, offset}).value();
  }
};

TEST(LogSequences, OfALogWithOnePartitionCountFromOne) {
  Register known;
  ASSERT_TRUE(known.see(shape(1)));
  EXPECT_EQ(known.sequence(0, 0), 1u);
  EXPECT_EQ(known.sequence(0, 41), 42u);
}

TEST(LogSequences, OfTwoRecordsAreNeverTheSame) {
  Register known;
  ASSERT_TRUE(known.see(shape(2)));
  ASSERT_TRUE(known.see(shape(6)));
  std::vector<std::uint64_t> all;
  for (std::int32_t partition = 0; partition < 6; ++partition) {
    for (std::int64_t offset = 0; offset < 50; ++offset) all.push_back(known.sequence(partition, offset));
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST(LogSequences, NothingChangesWhileTheLogStaysAsItIs) {
  Register known;
  ASSERT_TRUE(known.see(shape(3, {5, 6, 7})));
  ASSERT_TRUE(known.see(shape(3, {5, 60, 7})));
  ASSERT_EQ(known.epochs.size(), 1u);
}

// A key whose partition was 1 of 2 is in 1 or 3 of 4.
TEST(LogSequences, AddedPartitionsLieAboveAndTheOldStayAsTheyWere) {
  Register known;
  ASSERT_TRUE(known.see(shape(2)));
  const auto before = known.sequence(1, 1000);
  ASSERT_TRUE(known.see(shape(4)));
  EXPECT_EQ(known.sequence(1, 1000), before);
  EXPECT_EQ(known.sequence(1, 1001), before + 2);
  EXPECT_GT(known.sequence(3, 0), known.sequence(1, 1'000'000'000'000));
  ASSERT_TRUE(known.see(shape(8)));
  EXPECT_GT(known.sequence(7, 0), known.sequence(3, 1'000'000'000'000));
  EXPECT_EQ(known.epochs.size(), 3u);
}

// Then a key may move between two old partitions.
TEST(LogSequences, AllPartitionsLieAboveWhereTheirNumberIsNoMultiple) {
  Register known;
  ASSERT_TRUE(known.see(shape(4, {10, 10, 10, 10})));
  const auto before = known.sequence(3, 1'000'000'000'000);
  const auto stored = known.sequence(3, 9);
  ASSERT_TRUE(known.see(shape(6, {10, 10, 10, 10, 0, 0})));
  for (std::int32_t partition = 0; partition < 6; ++partition) EXPECT_GT(known.sequence(partition, 0), before);
  EXPECT_TRUE(LogSequences(known.epochs, "log-1").could_be({3, 9}, stored));
  ASSERT_TRUE(known.see(shape(6, {11, 11, 11, 11, 1, 1})));
  ASSERT_TRUE(known.see(shape(12)));  // a multiple of the present number
  EXPECT_EQ(known.epochs.size(), 3u);
  EXPECT_EQ(known.epochs.back().partitions_begin, 6);
}

TEST(LogSequences, AnotherLogLiesAboveAndSoDoesTheFirstWhenItComesBack) {
  Register known;
  ASSERT_TRUE(known.see(shape(2)));
  const auto first = known.sequence(0, 1'000'000);
  ASSERT_TRUE(known.see(shape(1, {}, "log-2")));
  const auto second = known.sequence(0, 0, "log-2");
  EXPECT_GT(second, first);
  ASSERT_TRUE(known.see(shape(2)));
  EXPECT_GT(known.sequence(0, 0), second);
  // A record that was stored under the first epoch is recognized.
  EXPECT_TRUE(LogSequences(known.epochs, "log-1").could_be({0, 1'000'000}, first));
  EXPECT_FALSE(LogSequences(known.epochs, "log-1").could_be({0, 1'000'001}, first));
  EXPECT_FALSE(LogSequences(known.epochs, "log-2").could_be({0, 1'000'000}, first));
}

TEST(LogSequences, ALogThatWasCutOrHasFewerPartitionsBeginsAnew) {
  Register known;
  ASSERT_TRUE(known.see(shape(2, {100, 100})));
  const auto before = known.sequence(1, 99);
  ASSERT_TRUE(known.see(shape(2, {100, 7})));
  EXPECT_GT(known.sequence(1, 0), before);
  ASSERT_TRUE(known.see(shape(1, {500})));
  EXPECT_EQ(known.epochs.size(), 3u);
  EXPECT_GT(known.sequence(0, 0), std::uint64_t{2} << kPlaceBits);
}

TEST(LogSequences, AnEpochThatCannotBeReadIsFollowedByOneAboveIt) {
  Register known;
  ASSERT_TRUE(known.see(shape(2)));
  const auto before = known.sequence(1, 1'000'000'000'000);
  known.epochs.back() = {.number = 0, .kind = Epoch::Kind::unreadable};
  ASSERT_TRUE(known.see(shape(2)));
  ASSERT_EQ(known.epochs.size(), 2u);
  EXPECT_GT(known.sequence(0, 0), before);
  ASSERT_TRUE(known.see(shape(2)));
  EXPECT_EQ(known.epochs.size(), 2u);
}

TEST(LogSequences, SynchronousWritesLieBetween) {
  Register known;
  ASSERT_TRUE(known.see(shape(1)));
  known.see_synchronous_writes();
  ASSERT_TRUE(known.see(shape(1)));
  ASSERT_EQ(known.epochs.size(), 3u);
  EXPECT_GT(known.epochs[1].first_sequence(), LogSequences({known.epochs[0]}, "log-1").of({0, 1'000'000'000}).value());
  EXPECT_GT(known.sequence(0, 0), known.epochs[1].first_sequence() + 1'000'000'000);
}

TEST(LogSequences, EndBeforeTheyRunIntoTheNextEpochAndStayBelowWhatJavaScriptCounts) {
  Register known;
  ASSERT_TRUE(known.see(shape(64)));
  const LogSequences sequences(known.epochs, "log-1");
  EXPECT_FALSE(sequences.of({63, std::int64_t{1} << 38}));
  EXPECT_LT(sequences.of({63, (std::int64_t{1} << 38) - 2}).value(), std::uint64_t{1} << kPlaceBits);
  EXPECT_FALSE(sequences.of({64, 0}));
  EXPECT_FALSE(sequences.of({0, -1}));
  const Epoch last{.number = kEpochsMax - 1, .log_id = "log-1", .partitions_begin = 0, .partitions_end = 1};
  const LogSequences highest({last}, "log-1");
  EXPECT_LT(highest.of({0, (std::int64_t{1} << kPlaceBits) - 3}).value(), std::uint64_t{1} << 53);
}

}  // namespace
}  // namespace message_service::mongodb
