#include "base/token_buckets.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace base {
namespace {

using std::chrono::milliseconds;

SteadyTime at(milliseconds time) { return SteadyTime(std::chrono::hours(1) + time); }

TEST(TokenBuckets, ABurstThenTheRate) {
  TokenBuckets buckets({.per_second = 10, .burst = 3}, 100);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  const auto refused = buckets.take("anna", at(milliseconds(0)));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, milliseconds(100));
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(99))).allowed);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(100))).allowed);
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(100))).allowed);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take("anna", at(milliseconds(10'000))).allowed) << "full again";
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(10'000))).allowed) << "and no fuller";
}

TEST(TokenBuckets, KeysDoNotShareAndALookTakesNothing) {
  TokenBuckets buckets({.per_second = 1, .burst = 1}, 100);
  EXPECT_TRUE(buckets.look("anna", at(milliseconds(0))).allowed);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  EXPECT_FALSE(buckets.look("anna", at(milliseconds(0))).allowed);
  EXPECT_TRUE(buckets.take("tom", at(milliseconds(0))).allowed);
}

TEST(TokenBuckets, ARefusalTakesNothing) {
  TokenBuckets buckets({.per_second = 10, .burst = 1}, 100);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(buckets.take("anna", at(milliseconds(50))).allowed);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(100))).allowed);
}

TEST(TokenBuckets, OneKeyInAFullTableKeepsItsBucketWhileItIsEmptiest) {
  TokenBuckets buckets({.per_second = 1, .burst = 100}, 8);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(buckets.take("flood", at(milliseconds(0))).allowed);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(buckets.take("key-" + std::to_string(i), at(milliseconds(0))).allowed);
  EXPECT_FALSE(buckets.take("flood", at(milliseconds(0))).allowed);
}

TEST(TokenBuckets, ANewRateCountsAtOnceAndKeepsWhatWasTaken) {
  TokenBuckets buckets({.per_second = 1, .burst = 2}, 100);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(0))).allowed);
  buckets.set_rate({.per_second = 1, .burst = 3});
  EXPECT_EQ(buckets.rate().burst, 3U);
  EXPECT_TRUE(buckets.take("anna", at(milliseconds(0))).allowed);
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(0))).allowed);
  buckets.set_rate({.per_second = 1000, .burst = 3});
  EXPECT_FALSE(buckets.take("anna", at(milliseconds(0))).allowed);
  EXPECT_TRUE(buckets.take("tom", at(milliseconds(0))).allowed);
}

}  // namespace
}  // namespace base
