#include "runtime/turn_probe.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "runtime/shard.h"

namespace runtime {
namespace {

using std::chrono::milliseconds;

TEST(TurnProbe, MeasuresHowLongReadyDescriptorsWaitForABusyShard) {
  Shard shard(0);
  shard.start();
  std::promise<void> sent;
  boost::asio::post(shard.executor(), [&] {
    shard.turns().wait(base::SteadyClock::now());
    std::this_thread::sleep_for(milliseconds(60));  // the shard is busy
    EXPECT_GE(shard.turns().wait(base::SteadyClock::now()), milliseconds(60)) << "while the probe is on its way";
    sent.set_value();
  });
  sent.get_future().wait();
  // After a long wait the probe is sent again at once, so that an old figure does not stay.
  std::this_thread::sleep_for(2 * Shard::kTick);
  EXPECT_LT(shard.turns().last_wait(), milliseconds(60));
}

TEST(TurnProbe, AStandstillCountsWithoutAProbeOnItsWay) {
  Shard shard(0);
  shard.start();
  std::promise<base::SteadyClock::duration> after;
  boost::asio::post(shard.executor(), [&] {
    std::this_thread::sleep_for(3 * Shard::kTick);
    after.set_value(shard.turns().wait(base::SteadyClock::now()));
  });
  EXPECT_GE(after.get_future().get(), Shard::kTick) << "the next tick is late by two";
}

TEST(TurnProbe, AnIdleShardSendsNone) {
  Shard shard(0);
  shard.start();
  std::promise<base::SteadyClock::duration> first;
  boost::asio::post(shard.executor(), [&] { first.set_value(shard.turns().wait(base::SteadyClock::now())); });
  EXPECT_LT(first.get_future().get(), milliseconds(60));
  std::promise<base::SteadyClock::duration> later;
  std::this_thread::sleep_for(milliseconds(100));
  boost::asio::post(shard.executor(), [&] { later.set_value(shard.turns().wait(base::SteadyClock::now())); });
  EXPECT_LT(later.get_future().get(), milliseconds(60)) << "the time without requests does not count";
}

}  // namespace
}  // namespace runtime
