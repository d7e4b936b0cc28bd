#include "signalr/hub/turns.h"

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

class TurnsTest : public testing::Test {
 protected:
  using Held = std::shared_ptr<Turn>;

  Turns& make(std::size_t at_once) { return turns_.emplace(context.get_executor(), at_once); }

  // Takes a turn as soon as it may, says so, and keeps it in `held`.
  void ask(Turns& turns, const std::string& name) {
    const auto take = [](Turns& from, std::string who, TurnsTest& test) -> runtime::Awaitable<void> {
      co_await from.take();
      test.order.push_back(who);
      test.held.push_back(std::make_shared<Turn>(from));
    };
    boost::asio::co_spawn(context, take(turns, name, *this), boost::asio::detached);
    settle();
  }

  void take_again(Turn& turn, const std::string& name) {
    const auto take = [](Turn& of, std::string who, TurnsTest& test) -> runtime::Awaitable<void> {
      co_await of.take_again();
      test.order.push_back(who);
    };
    boost::asio::co_spawn(context, take(turn, name, *this), boost::asio::detached);
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
  std::optional<Turns> turns_;  // outlives those who hold a turn

 protected:
  std::vector<Held> held;
};

TEST_F(TurnsTest, OneAtATimeInTheOrderOfAsking) {
  Turns& turns = make(1);
  for (const char* name : {"a", "b", "c"}) ask(turns, name);
  EXPECT_EQ(order, (Names{"a"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b"})) << "given back twice counts once";
  held[1].reset();
  settle();
  EXPECT_EQ(order, (Names{"a", "b", "c"})) << "who goes gives it back";
  give_back(2);
  ask(turns, "d");
  EXPECT_EQ(order.back(), "d");
}

TEST_F(TurnsTest, SomeAtOnce) {
  Turns& turns = make(2);
  for (const char* name : {"a", "b", "c", "d"}) ask(turns, name);
  EXPECT_EQ(order, (Names{"a", "b"}));
  give_back(1);
  EXPECT_EQ(order, (Names{"a", "b", "c"}));
  give_back(0);
  EXPECT_EQ(order, (Names{"a", "b", "c", "d"}));
}

TEST_F(TurnsTest, ALentTurnComesBackWhenItIsFree) {
  Turns& turns = make(1);
  for (const char* name : {"a", "b"}) ask(turns, name);
  held[0]->lend();
  settle();
  EXPECT_EQ(order, (Names{"a", "b"}));
  take_again(*held[0], "a again");
  EXPECT_EQ(order, (Names{"a", "b"})) << "b has it";
  give_back(1);
  EXPECT_EQ(order, (Names{"a", "b", "a again"}));
  ask(turns, "c");
  EXPECT_EQ(order.back(), "a again");
  give_back(0);
  EXPECT_EQ(order.back(), "c");
}

TEST_F(TurnsTest, LentTwiceItComesBackWithTheLast) {
  Turns& turns = make(1);
  for (const char* name : {"a", "b"}) ask(turns, name);
  held[0]->lend();
  held[0]->lend();
  settle();
  give_back(1);
  take_again(*held[0], "first answer");
  ask(turns, "c");
  EXPECT_EQ(order, (Names{"a", "b", "first answer", "c"})) << "a still waits for the second";
  take_again(*held[0], "second answer");
  EXPECT_EQ(order.back(), "c");
  give_back(2);
  EXPECT_EQ(order.back(), "second answer");
}

TEST_F(TurnsTest, AStreamHasGivenItsTurnBackAndLendsNothing) {
  Turns& turns = make(1);
  ask(turns, "stream");
  give_back(0);
  ask(turns, "a");
  held[0]->lend();
  settle();
  take_again(*held[0], "stream goes on");
  EXPECT_EQ(order, (Names{"stream", "a", "stream goes on"})) << "it waits for no turn";
  ask(turns, "b");
  EXPECT_EQ(order.back(), "stream goes on");
  give_back(1);
  EXPECT_EQ(order.back(), "b");
}

}  // namespace
}  // namespace signalr
