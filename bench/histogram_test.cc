#include "bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace message_service::bench {
namespace {

TEST(Histogram, HasNothingToSayWithoutRecords) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max_ns(), 0u);
  EXPECT_EQ(histogram.value_at_ns(0.5), 0u);
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram.record(value);
  EXPECT_EQ(histogram.value_at_ns(0), 1u);
  EXPECT_EQ(histogram.value_at_ns(0.5), 500u);
  EXPECT_EQ(histogram.value_at_ns(0.99), 990u);
  EXPECT_EQ(histogram.value_at_ns(1), 1000u);
}

TEST(Histogram, KeepsThreeDigitsOfEveryMagnitude) {
  for (std::uint64_t value = 1; value <= Histogram::highest_ns; value = value * 9 / 7 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(Histogram::highest_ns);  // so that the maximum does not cap the value under test
    const std::uint64_t kept = histogram.value_at_ns(0.5);
    EXPECT_GE(kept, value);
    EXPECT_LE(static_cast<double>(kept - value), static_cast<double>(value) / 1000) << value;
  }
}

TEST(Histogram, AgreesWithSortedValues) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(std::log(300'000.0), 1.5);
  Histogram histogram;
  std::vector<std::uint64_t> values(50'000);
  for (auto& value : values) histogram.record(value = static_cast<std::uint64_t>(latency(random)));
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.value_at_ns(share)), exact, exact / 1000) << share;
  }
}

TEST(Histogram, MergedIsTheSameAsRecordedTogether) {
  Histogram together, first, second;
  for (std::uint64_t value = 1; value < 5'000'000; value = value * 11 / 10 + 1) {
    together.record(value);
    (value % 2 == 0 ? first : second).record(value);
  }
  first.merge(second);
  EXPECT_EQ(first.count(), together.count());
  EXPECT_EQ(first.max_ns(), together.max_ns());
  for (const double share : {0.1, 0.5, 0.9, 1.0}) EXPECT_EQ(first.value_at_ns(share), together.value_at_ns(share));
}

TEST(Histogram, CapsWhatIsTooLongAndClears) {
  Histogram histogram;
  histogram.record(~std::uint64_t{0});
  EXPECT_EQ(histogram.max_ns(), Histogram::highest_ns);
  EXPECT_EQ(histogram.value_at_ns(0.5), Histogram::highest_ns);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.value_at_ns(1), 0u);
}

}  // namespace
}  // namespace message_service::bench
