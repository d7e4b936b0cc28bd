#include "service/memory_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace message_service::service {
namespace {

class MemoryGuardTest : public testing::Test {
 protected:
  MemoryGuard::Step note(std::string name) {
    return [this, name = std::move(name)](const telemetry::Counter& dropped) {
      taken.push_back(name);
      dropped.increment(2);
    };
  }
  // The steps that a sample takes.
  std::vector<std::string> steps_at(std::uint64_t used) {
    taken.clear();
    guard.sample(used);
    return taken;
  }

  std::vector<std::string> taken;
  Metrics metrics;
  MemoryGuard guard{1000,
                    {.unopened = note("unopened"),
                     .idle = note("idle"),
                     .caches = note("caches"),
                     .slow_queues = note("slow queues")},
                    metrics};
};

using Names = std::vector<std::string>;

TEST_F(MemoryGuardTest, TakesItsStepsInTheirOrder) {
  EXPECT_EQ(steps_at(740), Names{});
  EXPECT_EQ(steps_at(760), Names{"unopened"});
  EXPECT_EQ(steps_at(810), (Names{"unopened", "idle"}));
  EXPECT_EQ(steps_at(850), (Names{"unopened", "idle", "caches"}));
  EXPECT_EQ(steps_at(890), (Names{"unopened", "idle", "caches", "slow queues"}));
  EXPECT_FALSE(guard.is_short());
  EXPECT_EQ(steps_at(990), (Names{"unopened", "idle", "caches", "slow queues"}));
  EXPECT_TRUE(guard.is_short());
  const std::string text = metrics.expose();
  EXPECT_NE(text.find("message_service_memory_shed_total{step=\"unopened\"} 10\n"), std::string::npos) << text;
  EXPECT_NE(text.find("message_service_memory_shed_total{step=\"slow-queues\"} 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("message_service_memory_limit_bytes 1000\n"), std::string::npos) << text;
}

TEST_F(MemoryGuardTest, RefusesUntilThereIsRoomAgain) {
  (void)steps_at(930);
  EXPECT_TRUE(guard.is_short());
  (void)steps_at(890);
  EXPECT_TRUE(guard.is_short()) << "a little room is soon gone";
  (void)steps_at(870);
  EXPECT_FALSE(guard.is_short());
  (void)steps_at(910);
  EXPECT_FALSE(guard.is_short());
}

}  // namespace
}  // namespace message_service::service
