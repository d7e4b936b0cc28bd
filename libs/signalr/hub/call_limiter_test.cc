#include "signalr/hub/call_limiter.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalr {
namespace {

class CallLimiterTest : public testing::Test {
 protected:
  using Held = std::shared_ptr<CallPermit>;

  CallLimiter& make(std::size_t at_once) { return limiter_.emplace(context.get_executor(), at_once); }

  // Takes a permit as soon as it may, notes that in `order`, and keeps the permit in `held`.
  void ask(CallLimiter& limiter, const std::string& name) {
    const auto take = [](CallLimiter& from, std::string who, CallLimiterTest& test) -> runtime::Awaitable<void> {
      co_await from.take();
      test.order.push_back(who);
      test.held.push_back(std::make_shared<CallPermit>(from));
    };
    boost::asio::co_spawn(context, take(limiter, name, *this), boost::asio::detached);
    settle();
  }

  void take_again(CallPermit& permit, const std::string& name) {
    const auto take = [](CallPermit& of, std::string who, CallLimiterTest& test) -> runtime::Awaitable<void> {
      co_await of.take_again();
      test.order.push_back(who);
    };
    boost::asio::co_spawn(context, take(permit, name, *this), boost::asio::detached);
    settle();
  }

  void settle() {
    context.restart();
    context.poll();
  }

  void give_back(std::size_t index) {
    held[index]->give_back();
    settle();
  }

  using Names = std::vector<std::string>;
  boost::asio::io_context context{1};
  Names order;

 private:
  std::optional<CallLimiter> limiter_;  // outlives the holders of its permits

 protected:
  std::vector<Held> held;
};

TEST_F(CallLimiterTest, OneAtATimeInTheOrderOfAsking) {
  CallLimiter& limiter = make(1);
  for (const char* name : {"a", "b", "c"}) ask(limiter, name);
  EXPECT_EQ(order, (Names{"a"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b"})) << "given back twice counts once";
  held[1].reset();
  settle();
  EXPECT_EQ(order, (Names{"a", "b", "c"})) << "who goes gives it back";
  give_back(2);
  ask(limiter, "d");
  EXPECT_EQ(order.back(), "d");
}

TEST_F(CallLimiterTest, SomeAtOnce) {
  CallLimiter& limiter = make(2);
  for (const char* name : {"a", "b", "c", "d"}) ask(limiter, name);
  EXPECT_EQ(order, (Names{"a", "b"}));
  give_back(1);
  EXPECT_EQ(order, (Names{"a", "b", "c"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b", "c", "d"}));
}

TEST_F(CallLimiterTest, ALentTurnComesBackWhenItIsFree) {
  CallLimiter& limiter = make(1);
  for (const char* name : {"a", "b"}) ask(limiter, name);
  held[0]->lend();
  settle();
  EXPECT_EQ(order, (Names{"a", "b"}));
  take_again(*held[0], "a again");
  EXPECT_EQ(order, (Names{"a", "b"})) << "b has it";
  give_back(1);
  EXPECT_EQ(order, (Names{"a", "b", "a again"}));
  ask(limiter, "c");
  EXPECT_EQ(order.back(), "a again");
  give_back(0);
  EXPECT_EQ(order.back(), "c");
}

TEST_F(CallLimiterTest, LentTwiceItComesBackWithTheLast) {
  CallLimiter& limiter = make(1);
  for (const char* name : {"a", "b"}) ask(limiter, name);
  held[0]->lend();
  held[0]->lend();
  settle();
  give_back(1);
  take_again(*held[0], "first answer");
  ask(limiter, "c");
  EXPECT_EQ(order, (Names{"a", "b", "first answer", "c"})) << "a still waits for the second";
  take_again(*held[0], "second answer");
  EXPECT_EQ(order.back(), "c");
  give_back(2);
  EXPECT_EQ(order.back(), "second answer");
}

TEST_F(CallLimiterTest, AStreamHasGivenItsTurnBackAndLendsNothing) {
  CallLimiter& limiter = make(1);
  ask(limiter, "stream");
  give_back(0);
  ask(limiter, "a");
  held[0]->lend();
  settle();
  take_again(*held[0], "stream goes on");
  EXPECT_EQ(order, (Names{"stream", "a", "stream goes on"})) << "it waits for no permit";
  ask(limiter, "b");
  EXPECT_EQ(order.back(), "stream goes on");
  give_back(1);
  EXPECT_EQ(order.back(), "b");
}

}  // namespace
}  // namespace signalr
