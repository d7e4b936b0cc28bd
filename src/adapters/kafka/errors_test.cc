#include "adapters/kafka/errors.h"

#include <gtest/gtest.h>

namespace message_service::kafka {
namespace {

constexpr std::array kCalls{Call::append, Call::publish, Call::read, Call::commit, Call::administer};

TEST(KafkaErrors, WhatNobodyKnowsIsTriedAgain) {
  for (const Call call : kCalls) {
    for (const auto error :
         {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
          RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_UNKNOWN,
          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
      EXPECT_EQ(remedy_of(call, error), Remedy::try_again) << rd_kafka_err2name(error);
    }
  }
}

TEST(KafkaErrors, AnEventThatIsTooLargeIsSkippedAndAMessageIsRefused) {
  EXPECT_EQ(remedy_of(Call::append, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), Remedy::refuse);
  EXPECT_EQ(remedy_of(Call::publish, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), Remedy::skip);
  EXPECT_FALSE(is_refused_for_good(Call::append, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)) << "clocks are put right";
}

TEST(KafkaErrors, AGroupWithMembersIsAConflict) {
  EXPECT_EQ(code_of(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID), base::ErrorCode::conflict);
  EXPECT_EQ(code_of(RD_KAFKA_RESP_ERR_POLICY_VIOLATION), base::ErrorCode::invalid);
  EXPECT_EQ(code_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), base::ErrorCode::not_found);
  EXPECT_EQ(code_of(RD_KAFKA_RESP_ERR__TIMED_OUT), base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace message_service::kafka
