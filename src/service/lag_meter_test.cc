#include "service/lag_meter.h"

#include <gtest/gtest.h>

namespace message_service::service {
namespace {

PartitionState state(std::int32_t partition, std::int64_t committed, std::int64_t end) {
  return {
      .partition = partition, .committed = committed, .end = end, .lag = static_cast<std::uint64_t>(end - committed)};
}

TEST(LagMeter, RatesAndTheTimeToZeroComeFromTwoLooks) {
  const auto report = compare_lag({state(0, 0, 100), state(1, 50, 50)}, {state(0, 60, 120), state(1, 50, 50)}, 2);
  ASSERT_EQ(report.partitions.size(), 2U);
  EXPECT_DOUBLE_EQ(report.partitions[0].stored_per_second, 30);
  EXPECT_DOUBLE_EQ(report.partitions[0].arrived_per_second, 10);
  EXPECT_DOUBLE_EQ(report.partitions[0].seconds_to_zero().value(), 3);
  EXPECT_DOUBLE_EQ(report.partitions[1].seconds_to_zero().value(), 0);
  EXPECT_EQ(report.total.now.lag, 60U);
  EXPECT_EQ(report.total.now.end, 170);
  EXPECT_EQ(report.total.now.committed, 110);
}

TEST(LagMeter, ALagThatGrowsOrStandsNeverEnds) {
  EXPECT_FALSE(compare_lag({state(0, 0, 10)}, {state(0, 0, 20)}, 1).total.seconds_to_zero());
  EXPECT_FALSE(compare_lag({state(0, 0, 10)}, {state(0, 0, 10)}, 1).total.seconds_to_zero());
}

TEST(LagMeter, APartitionThatWasNotThereHasNoRatesYet) {
  const auto report = compare_lag({}, {state(3, 5, 9)}, 1);
  EXPECT_DOUBLE_EQ(report.total.stored_per_second, 0);
  EXPECT_DOUBLE_EQ(report.total.arrived_per_second, 0);
  EXPECT_EQ(report.total.now.lag, 4U);
}

TEST(LagMeter, APartitionThatWaitsForANewerProgramSaysSo) {
  auto report = compare_lag({state(0, 5, 9), state(1, 0, 9)}, {state(0, 5, 9), state(1, 4, 9)}, 1);
  EXPECT_TRUE(stands(report.partitions[0]));
  EXPECT_FALSE(stands(report.partitions[1]));
  report.partitions[0].requires_version = 2;
  EXPECT_NE(lag_table(report).find("partition 0 stands at a record of version 2"), std::string::npos);
  EXPECT_NE(lag_json(report).find(R"("requiresVersion":2)"), std::string::npos);
}

TEST(LagMeter, WhatWasNeverStoredIsNullForMachines) {
  const PartitionState fresh{.partition = 0, .committed = std::nullopt, .end = 7, .lag = 7};
  EXPECT_EQ(lag_json(compare_lag({fresh}, {fresh}, 1)),
            R"({"partitions":[{"partition":0,"committed":null,"end":7,"lag":7,"storedPerSecond":0.000,)"
            R"("arrivedPerSecond":0.000,"secondsToZero":null}],"total":{"committed":null,"end":7,"lag":7,)"
            R"("storedPerSecond":0.000,"arrivedPerSecond":0.000,"secondsToZero":null}})");
}

}  // namespace
}  // namespace message_service::service
