#include "adapters/kafka/cluster.h"

#include <gtest/gtest.h>

#include "support/cpp/mock_broker.h"

namespace message_service::kafka {

namespace {

TEST(KafkaCluster, TheEndsOfATopicAreAskedForNoLongerThanTheyMayTake) {
  MockBroker broker;
  broker.make_topic("t");
  const auto cluster = Cluster::connect(broker.options()).value();
  const auto range = cluster->offsets("t", 0, Milliseconds(5000));
  ASSERT_TRUE(range);
  EXPECT_EQ(range->begin, 0);
  EXPECT_EQ(range->end, 0);
  broker.answer_after(Milliseconds(20'000));
  const base::SteadyTime asked = base::SteadyClock::now();
  EXPECT_FALSE(cluster->offsets("t", 0, Milliseconds(200)));
  EXPECT_LT(base::SteadyClock::now() - asked, Milliseconds(5000));
}

}  // namespace

}  // namespace message_service::kafka
