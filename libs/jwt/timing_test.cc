// Whether the time to refuse a token tells how much of its HMAC was right.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "jwt/verifier.h"
#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Without the slowest tenth, which belongs to the machine.
double mean(std::vector<std::int64_t> times) {
  const auto kept = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 9 / 10);
  std::nth_element(times.begin(), kept, times.end());
  double sum = 0;
  for (auto at = times.begin(); at != kept; ++at) sum += static_cast<double>(*at);
  return sum / static_cast<double>(kept - times.begin());
}

TEST(JwtTiming, ARefusalDoesNotTellWhichByteOfAnHmacIsWrong) {
  constexpr int kRounds = 100'000;
  const std::string right = test::honest_token(Algorithm::hs256);
  const std::size_t signature = right.rfind('.') + 1;
  const auto with_wrong = [&](std::size_t place) {
    std::string token = right;
    token[place] = token[place] == 'A' ? 'B' : 'A';
    return token;
  };
  // Its last character holds four bits of the HMAC; the one before is whole.
  const std::array<std::string, 2> tokens{with_wrong(signature), with_wrong(right.size() - 2)};
  const Requirements requirements{.issuers = {std::string(test::kIssuer)}, .audiences = {"messages"}};
  double difference = 1;
  for (int attempt = 0; attempt < 3 && difference >= 0.05; ++attempt) {
    std::array<std::vector<std::int64_t>, 2> times;
    for (int round = 0; round < kRounds; ++round) {
      const std::size_t which = static_cast<std::size_t>(round + round / 7) % 2;
      const std::int64_t begun = cpu_ns();
      const Outcome outcome = verify(tokens[which], test::key_set(Algorithm::hs256), requirements, test::kNow);
      times[which].push_back(cpu_ns() - begun);
      ASSERT_EQ(outcome.error().failure, Failure::signature);
    }
    const double first = mean(std::move(times[0]));
    const double last = mean(std::move(times[1]));
    difference = std::abs(first - last) / std::min(first, last);
    RecordProperty("difference_percent", static_cast<int>(difference * 100));
  }
  EXPECT_LT(difference, 0.05);
}

}  // namespace

}  // namespace jwt
