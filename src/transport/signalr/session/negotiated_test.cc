#include "transport/signalr/session/negotiated.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace message_service::signalr {
namespace {

using std::chrono::milliseconds;
using Opening = Negotiated::Opening;

constexpr SteadyTime kStart{std::chrono::hours(1)};

ConnectionIds ids(const std::string& name) { return {.connection_id = "id-" + name, .connection_token = name}; }

TEST(Negotiated, ATokenOpensItsConnectionOnce) {
  Negotiated waiting(milliseconds(1000), 10);
  ASSERT_TRUE(waiting.add(ids("a"), kStart));
  const auto opened = waiting.open("a");
  EXPECT_EQ(opened.opening, Opening::opened);
  EXPECT_EQ(opened.connection_id, "id-a");
  EXPECT_EQ(waiting.open("a").opening, Opening::in_use);
  EXPECT_TRUE(waiting.open("a").connection_id.empty());
  waiting.forget("a");
  EXPECT_EQ(waiting.open("a").opening, Opening::unknown);
}

TEST(Negotiated, ThePublicIdIsNoToken) {
  Negotiated waiting(milliseconds(1000), 10);
  ASSERT_TRUE(waiting.add(ids("a"), kStart));
  EXPECT_EQ(waiting.open("id-a").opening, Opening::unknown);
  EXPECT_EQ(waiting.open("").opening, Opening::unknown);
}

TEST(Negotiated, WhoComesTooLateIsUnknownAndWhoCameStays) {
  Negotiated waiting(milliseconds(1000), 10);
  ASSERT_TRUE(waiting.add(ids("late"), kStart));
  ASSERT_TRUE(waiting.add(ids("here"), kStart));
  ASSERT_TRUE(waiting.add(ids("young"), kStart + milliseconds(1)));
  EXPECT_EQ(waiting.open("here").opening, Opening::opened);
  waiting.sweep(kStart + milliseconds(1000));
  EXPECT_EQ(waiting.open("late").opening, Opening::unknown);
  EXPECT_EQ(waiting.open("here").opening, Opening::in_use);
  EXPECT_EQ(waiting.open("young").opening, Opening::opened);
}

TEST(Negotiated, NoMoreWaitThanMay) {
  Negotiated waiting(milliseconds(1000), 2);
  EXPECT_TRUE(waiting.add(ids("a"), kStart));
  EXPECT_TRUE(waiting.add(ids("b"), kStart));
  EXPECT_FALSE(waiting.add(ids("c"), kStart));
  EXPECT_EQ(waiting.open("c").opening, Opening::unknown);
  waiting.sweep(kStart + milliseconds(1000));
  EXPECT_TRUE(waiting.add(ids("c"), kStart + milliseconds(1000)));
}

TEST(Negotiated, OfManyThreadsOneOpens) {
  Negotiated waiting(milliseconds(1000), 10'000);
  for (int round = 0; round < 100; ++round) {
    const std::string token = std::to_string(round);
    ASSERT_TRUE(waiting.add(ids(token), kStart));
    std::atomic<int> opened = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] { opened += waiting.open(token).opening == Opening::opened ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(opened, 1);
  }
}

}  // namespace
}  // namespace message_service::signalr
