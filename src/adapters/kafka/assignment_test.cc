#include "adapters/kafka/assignment.h"

#include <gtest/gtest.h>

namespace message_service::kafka {
namespace {

Position at(std::int64_t offset, std::int32_t partition = 0) { return {.partition = partition, .offset = offset}; }

TEST(Assignment, CommitsWhatIsDoneAndOnlyOnce) {
  Assignment assignment;
  assignment.add(0, 10);
  EXPECT_TRUE(assignment.deliver(at(10)));
  EXPECT_TRUE(assignment.deliver(at(11)));
  EXPECT_FALSE(assignment.to_commit());
  assignment.done(at(10));
  EXPECT_TRUE(assignment.to_commit());
  EXPECT_EQ(assignment.partitions()[0].done, 11);
  assignment.committed(0, 11);
  EXPECT_FALSE(assignment.to_commit());
}

TEST(Assignment, NeverGoesBackNorAheadOfWhatWasDelivered) {
  Assignment assignment;
  assignment.add(0, 0);
  for (int i = 0; i < 5; ++i) assignment.deliver(at(i));
  assignment.done(at(3));
  assignment.done(at(1));
  assignment.done(at(5));
  assignment.done(at(0, 7));
  EXPECT_EQ(assignment.partitions()[0].done, 4);
}

TEST(Assignment, PassesOverWhatItHadAndWhatIsNotIts) {
  Assignment assignment;
  assignment.add(0, 5);
  EXPECT_FALSE(assignment.deliver(at(4)));
  EXPECT_TRUE(assignment.deliver(at(5)));
  EXPECT_FALSE(assignment.deliver(at(5)));
  EXPECT_TRUE(assignment.deliver(at(9)));  // the records in between may have been deleted
  EXPECT_FALSE(assignment.deliver(at(10, 1)));
}

TEST(Assignment, LagIsWhatIsNotDone) {
  Assignment assignment;
  assignment.add(0, 5);
  assignment.add(1, std::nullopt);
  assignment.saw_end(0, 9);
  assignment.saw_end(1, 100);
  EXPECT_EQ(assignment.lag()[0].records, 4u);
  EXPECT_EQ(assignment.lag()[1].records, 0u) << "nobody knows yet where it starts";
  assignment.deliver(at(98, 1));
  EXPECT_EQ(assignment.lag()[1].records, 2u);
  assignment.deliver(at(5));
  assignment.done(at(5));
  assignment.saw_end(0, 3);
  EXPECT_EQ(assignment.lag()[0].records, 3u);
}

TEST(Assignment, GoesPastWhatKafkaKeepsForItself) {
  Assignment assignment;
  assignment.add(0, 5);
  assignment.nothing_before(at(7));
  EXPECT_EQ(assignment.partitions()[0].done, 7) << "nothing was to be done before it";
  EXPECT_TRUE(assignment.deliver(at(7)));
  EXPECT_TRUE(assignment.deliver(at(8)));
  assignment.nothing_before(at(10));
  assignment.done(at(7));
  EXPECT_EQ(assignment.partitions()[0].done, 8) << "a record before it is not done yet";
  assignment.done(at(8));
  EXPECT_EQ(assignment.partitions()[0].done, 10);
  EXPECT_EQ(assignment.lag()[0].records, 0u);
  EXPECT_FALSE(assignment.deliver(at(8)));
}

TEST(Assignment, AWitnessVouchesForThoseThatWereReadBeforeItWasSeenAgain) {
  constexpr Witness kFirst{.offset = 5, .print = 1};
  constexpr Witness kSecond{.offset = 9, .print = 2};
  Assignment assignment;
  assignment.add(0, 5);
  ASSERT_TRUE(assignment.wants_witness(0));
  assignment.add_witness(0, kFirst);
  EXPECT_EQ(assignment.find(0)->witness, kFirst);
  assignment.add_witness(0, kSecond);
  EXPECT_FALSE(assignment.wants_witness(0));
  EXPECT_EQ(assignment.find(0)->witness, kFirst) << "nobody has vouched for the second one";
  assignment.confirmed(0);
  EXPECT_EQ(assignment.find(0)->witness, kSecond);
  EXPECT_TRUE(assignment.wants_witness(0));
}

TEST(Assignment, AfterASilenceTheWitnessIsAskedBeforeTheNextRecord) {
  constexpr Witness kWitness{.offset = 5, .print = 1};
  const base::SteadyTime now = base::SteadyClock::now();
  const auto silence = std::chrono::milliseconds(300);
  Assignment assignment;
  assignment.add(0, 5);
  assignment.deliver(at(5), now);
  EXPECT_EQ(assignment.witness_after_silence(0, now + silence, silence), std::nullopt) << "there is none yet";
  assignment.add_witness(0, kWitness);
  EXPECT_EQ(assignment.witness_after_silence(0, now + silence / 2, silence), std::nullopt);
  EXPECT_EQ(assignment.witness_after_silence(0, now + silence, silence), kWitness);
}

TEST(Assignment, AnAnswerAboutThePartitionThatWasThereBeforeIsPassedOver) {
  Assignment assignment;
  assignment.add(0, 0);
  assignment.deliver(at(0));
  assignment.committed(0, 40);
  assignment.done(at(0));
  EXPECT_TRUE(assignment.to_commit());
}

}  // namespace
}  // namespace message_service::kafka
