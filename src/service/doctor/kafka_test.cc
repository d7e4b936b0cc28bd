#include <gtest/gtest.h>

#include <algorithm>

#include "service/doctor/findings.h"

namespace message_service::service {
namespace {

kafka::TopicReport topic(const std::string& name, int replicas, int in_sync, const std::string& least) {
  return {.name = name,
          .partitions = 6,
          .replicas = replicas,
          .in_sync = in_sync,
          .configs = {{"cleanup.policy", "delete"},
                      {"min.insync.replicas", least},
                      {"retention.ms", "604800000"},
                      {"retention.bytes", "-1"}}};
}

kafka::ClusterReport report(int brokers, const kafka::TopicReport& requested) {
  kafka::ClusterReport report{.client_version = "2.0", .brokers = {}, .topics = {requested}};
  for (int i = 0; i < brokers; ++i) report.brokers.push_back({i, "kafka:" + std::to_string(i)});
  return report;
}

Verdict worst(const Findings& findings) { return std::ranges::max_element(findings, {}, &Finding::verdict)->verdict; }

Verdict judged(int brokers, const kafka::TopicReport& requested) {
  const Findings findings = judge_kafka(report(brokers, requested), {});
  for (const Finding& finding : findings) EXPECT_EQ(finding.advice.empty(), finding.verdict == Verdict::well);
  return worst(findings);
}

TEST(DoctorOnKafka, ThreeReplicasOfWhichTwoMustBeInSyncAreWell) {
  EXPECT_EQ(judged(3, topic("requested", 3, 3, "2")), Verdict::well);
  EXPECT_EQ(judged(1, topic("requested", 1, 1, "1")), Verdict::well);
}

TEST(DoctorOnKafka, WhatStopsWritingIsWrong) {
  EXPECT_EQ(judged(1, topic("requested", 1, 1, "2")), Verdict::wrong);
  EXPECT_EQ(judged(3, topic("requested", 3, 1, "2")), Verdict::wrong);
  EXPECT_EQ(judged(3, topic("requested", 3, 2, "2")), Verdict::wrong);
}

TEST(DoctorOnKafka, WhatWouldLoseOrStopWithOneBrokerIsAHint) {
  EXPECT_EQ(judged(3, topic("requested", 1, 1, "1")), Verdict::hint);
  EXPECT_EQ(judged(3, topic("requested", 3, 3, "1")), Verdict::hint);
  EXPECT_EQ(judged(3, topic("requested", 3, 3, "3")), Verdict::hint);
}

TEST(DoctorOnKafka, ATopicThatGoesByItsProducersClocksIsWrong) {
  auto by_clocks = topic("requested", 1, 1, "1");
  by_clocks.configs["message.timestamp.type"] = "CreateTime";
  EXPECT_EQ(judged(1, by_clocks), Verdict::wrong);
  by_clocks.configs["message.timestamp.type"] = "LogAppendTime";
  EXPECT_EQ(judged(1, by_clocks), Verdict::well);
}

TEST(DoctorOnKafka, ATopicThatTakesLessThanAMessageMayNeedIsNamed) {
  auto small = topic("sent", 1, 1, "1");
  small.configs["max.message.bytes"] = "10000";
  EXPECT_EQ(judged(1, small), Verdict::wrong);
  small.configs["max.message.bytes"] = "50000";
  EXPECT_EQ(judged(1, small), Verdict::hint) << "control characters take six bytes each";
  small.configs["max.message.bytes"] = "1048588";
  EXPECT_EQ(judged(1, small), Verdict::well);
}

TEST(DoctorOnKafka, CompactionIsWrongAndShortRetentionAHint) {
  auto compacted = topic("requested", 1, 1, "1");
  compacted.configs["cleanup.policy"] = "compact";
  EXPECT_EQ(judged(1, compacted), Verdict::wrong);
  auto brief = topic("requested", 1, 1, "1");
  brief.configs["retention.ms"] = "3600000";
  EXPECT_EQ(judged(1, brief), Verdict::hint);
}

TEST(DoctorOnKafka, AMissingTopicIsAHint) {
  EXPECT_EQ(judged(1, {.name = "requested", .partitions = 0, .replicas = 0, .in_sync = 0, .configs = {}}),
            Verdict::hint);
}

}  // namespace
}  // namespace message_service::service
