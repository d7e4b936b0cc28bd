#include "adapters/kafka/starting_point.h"

#include <gtest/gtest.h>

namespace message_service::kafka {
namespace {

constexpr Witness kWitness{.offset = 39, .print = 0xFFEE000000000001};

StartingPoint begin(std::optional<std::int64_t> committed, std::optional<Testimony> testimony, OffsetRange log) {
  return starting_point({committed, testimony ? std::optional(kWitness) : std::nullopt}, testimony, log);
}

TEST(StartingPoint, IsWhatWasCommittedWhereTheWitnessVouchesForIt) {
  const auto start = begin(40, Testimony::same, {.begin = 10, .end = 90});
  EXPECT_EQ(start.offset, 40);
  EXPECT_FALSE(start.anew);
}

TEST(StartingPoint, IsTheOldestRecordWhereNothingWasCommitted) {
  EXPECT_EQ(begin(std::nullopt, std::nullopt, {.begin = 7, .end = 90}).offset, 7);
}

TEST(StartingPoint, IsTheOldestRecordWhereThePartitionIsAnotherOne) {
  for (const std::int64_t end : {0, 20, 40, 151}) {
    const auto start = begin(40, Testimony::other, {.begin = 0, .end = end});
    EXPECT_EQ(start.offset, 0) << end;
    EXPECT_TRUE(start.anew) << end;
  }
  EXPECT_TRUE(begin(40, std::nullopt, {.begin = 0, .end = 12}).anew) << "it ends before what was committed";
}

TEST(StartingPoint, CountsWhatWasDeletedUnread) {
  const auto start = begin(40, Testimony::gone, {.begin = 60, .end = 90});
  EXPECT_EQ(start.offset, 60);
  EXPECT_EQ(start.lost, 20);
  EXPECT_FALSE(start.anew);
}

TEST(StartingPoint, PassesNothingOverWhereNobodyCanTell) {
  EXPECT_EQ(begin(45, Testimony::gone, {.begin = 41, .end = 90}).offset, 41);
  EXPECT_EQ(begin(45, Testimony::gone, {.begin = 45, .end = 45}).lost, 0);
}

TEST(StartingPoint, WhatACommitSaysSurvivesItsMetadata) {
  EXPECT_EQ(to_metadata({.next = 9, .witness = kWitness}).find("stored"), std::string::npos);
  for (const std::optional<Witness>& witness : {std::optional(kWitness), std::optional<Witness>()}) {
    for (const std::optional<std::int64_t> stored : {std::optional<std::int64_t>(), std::optional<std::int64_t>(77)}) {
      const CommittedPlace back = from_metadata(to_metadata({.next = 9, .witness = witness, .stored = stored}));
      EXPECT_EQ(back.witness, witness);
      EXPECT_EQ(back.stored, stored);
    }
  }
  for (const char* foreign : {"", "witness", "witness 1", "witness 1 2 3", "witness -1 2", "WITNESS 1 2", "{}",
                              "stored", "stored -1", "stored 1 2", "witness 1 2 stored", "witness 1 stored 2"}) {
    EXPECT_EQ(from_metadata(foreign).witness, std::nullopt) << foreign;
    EXPECT_EQ(from_metadata(foreign).stored, std::nullopt) << foreign;
  }
}

}  // namespace
}  // namespace message_service::kafka
