#include "bench/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace message_service::bench {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime start{1'000s};

TEST(Schedule, SpacesRequestsEvenlyFromTheStart) {
  const Schedule schedule(start, 1000, 0, 1);
  EXPECT_EQ(schedule.intended(0), start);
  EXPECT_EQ(schedule.intended(1), start + 1ms);
  EXPECT_EQ(schedule.intended(2500), start + 2500ms);
}

TEST(Schedule, DoesNotDriftOverALongRun) {
  const Schedule schedule(start, 30'000, 0, 1);
  EXPECT_LE(std::chrono::abs(schedule.intended(30'000ull * 3600) - (start + 1h)), 1us);
}

TEST(Schedule, ThreadsTogetherKeepTheWholeRate) {
  std::vector<base::SteadyTime> times;
  for (std::uint32_t thread = 0; thread < 3; ++thread) {
    const Schedule schedule(start, 1000, thread, 3);
    for (std::uint64_t n = 0; n < 100; ++n) times.push_back(schedule.intended(n));
  }
  std::sort(times.begin(), times.end());
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_LE(std::chrono::abs(times[i] - (start + static_cast<int>(i) * 1ms)), 1us) << i;
  }
}

}  // namespace
}  // namespace message_service::bench
