#include "canary/probes.h"

#include <gtest/gtest.h>

namespace message_service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::SteadyTime kProbesStart{std::chrono::hours(1)};
base::SteadyTime time_at(milliseconds time) { return kProbesStart + time; }

constexpr Probes::Timing kProbesTiming{
    .interval = milliseconds(100), .patience = seconds(10), .rejected_pause = std::chrono::minutes(5)};

TEST(Probes, TheNextIsPostedWhenTheIntervalIsOverAndTheLastCanBeRead) {
  Probes probes(2, kProbesTiming);
  ASSERT_EQ(probes.next(kProbesStart), 1u);
  EXPECT_FALSE(probes.next(time_at(seconds(60)))) << "it has no answer";
  EXPECT_EQ(probes.accepted(1, time_at(milliseconds(4)))->count(), 0.004);
  EXPECT_FALSE(probes.next(time_at(milliseconds(200))));
  EXPECT_FALSE(probes.delivered(1, time_at(milliseconds(20))).complete) << "by one shard of two";
  EXPECT_FALSE(probes.to_read());
  EXPECT_EQ(probes.delivered(1, time_at(milliseconds(30))).complete->count(), 0.030);
  EXPECT_FALSE(probes.next(time_at(milliseconds(200)))) << "it has not been read";
  EXPECT_EQ(probes.to_read(), 1u);
  EXPECT_EQ(probes.read(1, time_at(milliseconds(40)))->count(), 0.040);
  EXPECT_FALSE(probes.next(time_at(milliseconds(99))));
  EXPECT_EQ(probes.next(time_at(milliseconds(100))), 2u);
}

TEST(Probes, WaitingCountsFromTheAnswerToTheOldest) {
  Probes probes(1, kProbesTiming);
  ASSERT_TRUE(probes.next(kProbesStart));
  EXPECT_EQ(probes.waiting(time_at(seconds(5))).count(), 0) << "without an answer nothing was promised";
  probes.accepted(1, time_at(seconds(5)));
  EXPECT_EQ(probes.waiting(time_at(seconds(9))).count(), 4);
  ASSERT_EQ(probes.next(time_at(seconds(10))), 2u) << "it had its time";
  probes.accepted(2, time_at(seconds(11)));
  EXPECT_EQ(probes.waiting(time_at(seconds(15))).count(), 10);

  EXPECT_EQ(probes.delivered(1, time_at(seconds(16))).overtaken, 0u);
  EXPECT_EQ(probes.waiting(time_at(seconds(16))).count(), 11) << "it cannot be read yet";
  ASSERT_TRUE(probes.read(1, time_at(seconds(16))));
  EXPECT_EQ(probes.waiting(time_at(seconds(16))).count(), 5);
  probes.delivered(2, time_at(seconds(17)));
  ASSERT_TRUE(probes.read(2, time_at(seconds(17))));
  EXPECT_EQ(probes.waiting(time_at(seconds(60))).count(), 0);
}

TEST(Probes, AnAcceptedOneThatALaterOneOvertakesIsLost) {
  Probes probes(1, kProbesTiming);
  for (int i = 0; i < 3; ++i) {
    const auto number = probes.next(time_at(seconds(10 * i)));
    ASSERT_TRUE(number);
    probes.accepted(*number, time_at(seconds(10 * i)));
  }
  probes.delivered(1, time_at(seconds(21)));
  const auto arrival = probes.delivered(3, time_at(seconds(22)));
  EXPECT_TRUE(arrival.complete);
  EXPECT_EQ(arrival.overtaken, 1u);
  EXPECT_FALSE(probes.delivered(2, time_at(seconds(23))).complete);
  EXPECT_EQ(probes.to_read(), 3u);
  ASSERT_TRUE(probes.read(3, time_at(seconds(23))));
  EXPECT_EQ(probes.waiting(time_at(seconds(24))).count(), 0);
}

TEST(Probes, ARefusedOneIsFollowedAfterTheInterval) {
  Probes probes(1, kProbesTiming);
  ASSERT_TRUE(probes.next(kProbesStart));
  probes.refused(1);
  EXPECT_FALSE(probes.next(time_at(milliseconds(50))));
  EXPECT_EQ(probes.next(time_at(milliseconds(100))), 2u);
  EXPECT_FALSE(probes.delivered(1, time_at(milliseconds(110))).complete) << "an unknown outcome proves nothing";
}

TEST(Probes, AfterADeadLetterThereIsALongPause) {
  Probes probes(2, kProbesTiming);
  ASSERT_TRUE(probes.next(kProbesStart));
  EXPECT_TRUE(probes.rejected(1, time_at(milliseconds(10))));
  EXPECT_FALSE(probes.rejected(1, time_at(milliseconds(10)))) << "another shard says the same";
  EXPECT_FALSE(probes.accepted(1, time_at(milliseconds(11)))) << "the answer may come later";
  EXPECT_EQ(probes.waiting(time_at(seconds(100))).count(), 0);
  EXPECT_FALSE(probes.next(time_at(seconds(299))));
  EXPECT_EQ(probes.next(time_at(seconds(301))), 2u);
}

TEST(Probes, ALongOutageIsBoundedAndItsBeginningIsKnown) {
  Probes probes(1, kProbesTiming);
  for (int i = 0; i < 1000; ++i) {
    const auto number = probes.next(time_at(seconds(10 * i)));
    ASSERT_TRUE(number);
    probes.accepted(*number, time_at(seconds(10 * i)));
  }
  EXPECT_EQ(probes.waiting(time_at(seconds(10'000))).count(), 10'000);
  EXPECT_EQ(probes.delivered(1000, time_at(seconds(10'001))).overtaken, 63u);
  ASSERT_TRUE(probes.read(1000, time_at(seconds(10'001))));
  EXPECT_EQ(probes.waiting(time_at(seconds(10'002))).count(), 0);
}

}  // namespace
}  // namespace message_service
