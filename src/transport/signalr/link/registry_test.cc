#include "transport/signalr/link/registry.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "transport/signalr/link/poll_link.h"

namespace message_service::signalr {
namespace {

using std::chrono::milliseconds;
using Early = Registry::Early;

constexpr SteadyTime kStart{std::chrono::hours(1)};

ConnectionIds ids(const std::string& name) { return {.connection_id = "id-" + name, .connection_token = name}; }

class RegistryTest : public testing::Test {
 protected:
  std::shared_ptr<Link> link() { return std::make_shared<PollLink>(shard, "x", OpeningRequest(), options); }
  bool add(const std::string& name, SteadyTime now = kStart) { return registry->add(ids(name), "", false, now); }

  Shard shard{0};
  LinkOptions options;
  std::shared_ptr<Registry> registry = std::make_shared<Registry>(
      Registry::Limits{.lifetime = milliseconds(1000), .connections_max = 3, .early_bytes_max = 10});

  // What is told at once; nothing when the POST waits.
  std::optional<Early> post(const std::string& token, const std::string& bytes) {
    auto told = std::make_shared<std::optional<Early>>();
    registry->post_early(token, bytes, [told](Early early) { *told = early; });
    posts.push_back(told);
    return *told;
  }
  std::vector<std::shared_ptr<std::optional<Early>>> posts;
};

TEST_F(RegistryTest, ATokenOpensItsConnectionOnceAndDiesWithIt) {
  ASSERT_TRUE(registry->add(ids("a"), "parent", true, kStart));
  const auto entry = registry->find("a");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->connection_id, "id-a");
  EXPECT_EQ(entry->user_id, "parent");
  EXPECT_TRUE(entry->stateful);
  EXPECT_EQ(entry->link, nullptr);

  const auto opened = link();
  auto lease = registry->open("a", opened);
  ASSERT_TRUE(lease);
  EXPECT_EQ(registry->size(), 1u);
  EXPECT_FALSE(registry->open("a", link())) << "another was first";
  EXPECT_EQ(registry->find("a")->link, opened);
  lease.reset();
  EXPECT_FALSE(registry->find("a"));
  EXPECT_EQ(registry->size(), 0u);
}

TEST_F(RegistryTest, ThePublicIdIsNoToken) {
  ASSERT_TRUE(add("a"));
  EXPECT_FALSE(registry->find("id-a"));
  EXPECT_FALSE(registry->find(""));
  EXPECT_FALSE(registry->open("id-a", link()));
}

TEST_F(RegistryTest, WhoComesTooLateIsUnknownAndWhoCameStays) {
  ASSERT_TRUE(add("late"));
  ASSERT_TRUE(add("here"));
  ASSERT_TRUE(add("young", kStart + milliseconds(1)));
  const auto lease = registry->open("here", link());
  registry->sweep(kStart + milliseconds(1000));
  EXPECT_FALSE(registry->find("late"));
  EXPECT_TRUE(registry->find("here"));
  EXPECT_TRUE(registry->find("young"));
}

TEST_F(RegistryTest, ThereAreNoMoreThanMayBe) {
  EXPECT_TRUE(add("a"));
  EXPECT_TRUE(add("b"));
  EXPECT_TRUE(add("c"));
  EXPECT_FALSE(add("d"));
  std::vector<Registry::Lease> leases;
  for (const char* token : {"a", "b", "c"}) leases.push_back(registry->open(token, link()));
  EXPECT_TRUE(registry->is_full());
  EXPECT_FALSE(registry->open_unnamed());
  leases.pop_back();
  EXPECT_TRUE(registry->open_unnamed());
  EXPECT_TRUE(add("d"));
}

TEST_F(RegistryTest, ALeaseOutlivesTheRegistrysOwner) {
  ASSERT_TRUE(add("a"));
  const auto lease = registry->open("a", link());
  registry.reset();
}

TEST_F(RegistryTest, WhatWasPostedEarlyIsKeptUpToItsLimit) {
  ASSERT_TRUE(add("a"));
  EXPECT_EQ(post("nobody", "x"), Early::gone);
  EXPECT_EQ(post("a", "12345"), Early::kept);
  EXPECT_EQ(post("a", "67890"), Early::kept);
  EXPECT_EQ(post("a", ""), Early::kept);
  EXPECT_EQ(post("a", "!"), std::nullopt);
  EXPECT_EQ(post("a", ""), std::nullopt) << "it may not overtake";
  const auto lease = registry->open("a", link());
  EXPECT_EQ(*posts[4], Early::opened);
  EXPECT_EQ(*posts[5], Early::opened);
  EXPECT_EQ(post("a", "x"), Early::opened);
}

TEST_F(RegistryTest, WhoWaitsForAConnectionThatIsNeverOpenedIsTold) {
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  EXPECT_EQ(post("a", "longer than ten"), std::nullopt);
  EXPECT_EQ(post("b", "longer than ten"), std::nullopt);
  registry->sweep(kStart + milliseconds(1000));
  EXPECT_EQ(*posts[0], Early::gone);
  ASSERT_TRUE(add("c"));
  EXPECT_EQ(post("c", "longer than ten"), std::nullopt);
  registry->discard();
  registry->sweep();
  EXPECT_FALSE(registry->find("c"));
  EXPECT_EQ(*posts[2], std::nullopt) << "forgotten";
}

TEST_F(RegistryTest, OfManyThreadsOneOpens) {
  for (int round = 0; round < 100; ++round) {
    const std::string token = std::to_string(round);
    ASSERT_TRUE(add(token));
    std::vector<std::shared_ptr<Link>> links{link(), link(), link(), link()};
    std::vector<Registry::Lease> leases(links.size());
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < links.size(); ++t) {
      threads.emplace_back([&, t] { leases[t] = registry->open(token, links[t]); });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(std::ranges::count_if(leases, [](const auto& lease) { return lease != nullptr; }), 1);
  }
}

}  // namespace
}  // namespace message_service::signalr
