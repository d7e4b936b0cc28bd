#include "signalr/connection/registry.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "signalr/connection/long_polling_connection.h"

namespace signalr {
namespace {

using boost::asio::ip::make_address;
using std::chrono::milliseconds;

constexpr base::SteadyTime kStart{std::chrono::hours(1)};
constexpr std::size_t kPostedMax = 10 + 2 * Registry::kRoomBytes;  // two POSTs with ten bytes together

ConnectionIds ids(const std::string& name) { return {.connection_id = "id-" + name, .connection_token = name}; }

class RegistryTest : public testing::Test {
 protected:
  std::shared_ptr<TransportConnection> transport() {
    return std::make_shared<LongPollingConnection>(shard, "x", OpeningRequest(), options);
  }
  bool add(const std::string& name, base::SteadyTime now = kStart) {
    return registry->add(ids(name), {}, make_address("10.0.0." + std::to_string(++clients)), now);
  }
  bool add_from(const char* address, base::SteadyTime now = kStart) {
    return registry->add(ids(std::to_string(++clients)), {}, make_address(address), now);
  }
  void make(std::size_t connections_max, milliseconds lifetime = milliseconds(1000)) {
    registry = std::make_shared<Registry>(
        Registry::Limits{.lifetime = lifetime, .connections_max = connections_max, .posted_bytes_max = kPostedMax});
  }
  void SetUp() override { make(3); }

  runtime::Shard shard{0};
  TransportOptions options;
  std::shared_ptr<Registry> registry;
  int clients = 0;

  // The answer of make_room(); nothing as long as the POST waits.
  using Told = std::shared_ptr<std::optional<Registry::Room>>;
  Told ask(const std::string& token, std::size_t bytes) {
    auto told = std::make_shared<std::optional<Registry::Room>>();
    registry->make_room(token, bytes, [told](Registry::Room room) { *told = std::move(room); });
    return told;
  }
  static bool waits(const Told& told) { return !*told; }
  static bool may_post(const Told& told) { return *told && **told; }
  static bool is_gone(const Told& told) { return *told && !**told; }
};

TEST_F(RegistryTest, ATokenOpensItsConnectionOnceAndDiesWithIt) {
  Registry::Entry parent{.user_id = "parent", .stateful = true};
  ASSERT_TRUE(registry->add(ids("a"), parent, make_address("::1"), kStart));
  const auto entry = registry->find("a");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->connection_id, "id-a");
  EXPECT_EQ(entry->user_id, "parent");
  EXPECT_TRUE(entry->stateful);
  EXPECT_EQ(entry->transport, nullptr);

  const auto opened = transport();
  auto lease = registry->open("a", opened);
  ASSERT_TRUE(lease);
  EXPECT_EQ(registry->size(), 1u);
  EXPECT_FALSE(registry->open("a", transport())) << "another was first";
  EXPECT_EQ(registry->find("a")->transport, opened);
  lease.reset();
  EXPECT_FALSE(registry->find("a"));
  EXPECT_EQ(registry->size(), 0u);
}

TEST_F(RegistryTest, ThePublicIdIsNoToken) {
  ASSERT_TRUE(add("a"));
  EXPECT_FALSE(registry->find("id-a"));
  EXPECT_FALSE(registry->find(""));
  EXPECT_FALSE(registry->open("id-a", transport()));
}

TEST_F(RegistryTest, WhoComesTooLateIsUnknownAndWhoCameStays) {
  ASSERT_TRUE(add("late"));
  ASSERT_TRUE(add("here"));
  ASSERT_TRUE(add("young", kStart + milliseconds(1)));
  const auto lease = registry->open("here", transport());
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
  for (const char* token : {"a", "b", "c"}) leases.push_back(registry->open(token, transport()));
  EXPECT_TRUE(registry->is_full());
  EXPECT_FALSE(registry->open_unnamed());
  leases.pop_back();
  EXPECT_TRUE(registry->open_unnamed());
  EXPECT_TRUE(add("d"));
}

TEST_F(RegistryTest, ALeaseOutlivesTheRegistrysOwner) {
  ASSERT_TRUE(add("a"));
  const auto lease = registry->open("a", transport());
  registry.reset();
}

TEST_F(RegistryTest, OneAddressTakesHalfOfWhatTheOthersHaveLeft) {
  make(16);
  int taken = 0;
  while (add_from("10.0.0.1")) ++taken;
  EXPECT_EQ(taken, 8);
  while (add_from("::ffff:10.0.0.1")) ++taken;
  EXPECT_EQ(taken, 8) << "it is the same one";
  while (add_from("10.0.0.2")) ++taken;
  EXPECT_EQ(taken, 8 + 4);
  while (add_from("2001:db8::1")) ++taken;
  EXPECT_EQ(taken, 8 + 4 + 2);
  EXPECT_FALSE(add_from("2001:db8::ffff")) << "a network of IPv6 belongs to one";
  EXPECT_TRUE(add_from("2001:db8:0:1::1"));
}

// Many people may share one proxy's address.
TEST_F(RegistryTest, WhoHasOpenedATransportDoesNotCountAgainstItsAddress) {
  make(16);
  std::vector<Registry::Lease> leases;
  while (add_from("10.0.0.1")) leases.push_back(registry->open(std::to_string(clients), transport()));
  EXPECT_EQ(leases.size(), 16u);
}

TEST_F(RegistryTest, WherePlacesRunShortThoseWithoutATransportGoEarly) {
  make(4, std::chrono::seconds(15));
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  registry->sweep(kStart + std::chrono::seconds(6));
  EXPECT_TRUE(registry->find("a")) << "there is room enough";
  ASSERT_TRUE(add("c", kStart + std::chrono::seconds(4)));
  registry->sweep(kStart + std::chrono::seconds(6));
  EXPECT_FALSE(registry->find("a"));
  EXPECT_TRUE(registry->find("b")) << "there is room again";
  EXPECT_TRUE(registry->find("c"));
}

TEST_F(RegistryTest, WhatMayBePostedEarlyIsBoundedBeforeItIsRead) {
  ASSERT_TRUE(add("a"));
  EXPECT_TRUE(is_gone(ask("nobody", 1)));
  auto first = ask("a", 4);
  ASSERT_TRUE(may_post(first));
  EXPECT_TRUE(registry->post_early("a", "1234", **first));
  auto second = ask("a", 6);
  EXPECT_TRUE(may_post(second));
  auto third = ask("a", 0);
  EXPECT_TRUE(waits(third)) << "an empty one takes place too";
  second->reset();  // its body never arrived
  EXPECT_TRUE(may_post(third));
  EXPECT_TRUE(waits(ask("a", 1000))) << "as long as nobody reads";

  const auto opened = transport();
  const auto lease = registry->open("a", opened);
  EXPECT_FALSE(registry->post_early("a", "x", **third));
}

TEST_F(RegistryTest, OnePostMayBeLongWhereAConnectionReads) {
  ASSERT_TRUE(add("a"));
  const auto lease = registry->open("a", transport());
  auto large = ask("a", 1000);
  ASSERT_TRUE(may_post(large));
  auto small = ask("a", 1);
  auto smaller = ask("a", 0);
  EXPECT_TRUE(waits(small));
  EXPECT_TRUE(waits(smaller)) << "it may not overtake";
  large->reset();
  EXPECT_TRUE(may_post(small));
  EXPECT_TRUE(may_post(smaller));
}

TEST_F(RegistryTest, WhoWaitsForAConnectionThatIsNeverOpenedIsTold) {
  ASSERT_TRUE(add("a"));
  const auto late = ask("a", 1000);
  registry->sweep(kStart + milliseconds(1000));
  EXPECT_TRUE(is_gone(late));
  ASSERT_TRUE(add("b"));
  const auto closed = ask("b", 1000);
  EXPECT_TRUE(waits(closed));
  auto lease = registry->open("b", transport());
  EXPECT_TRUE(may_post(closed));
  const auto next = ask("b", 1000);
  lease.reset();
  EXPECT_TRUE(is_gone(next));
  ASSERT_TRUE(add("c"));
  const auto stopped = ask("c", 1000);
  registry->discard();
  registry->sweep();
  EXPECT_FALSE(registry->find("c"));
  EXPECT_TRUE(waits(stopped)) << "forgotten";
}

TEST_F(RegistryTest, OfManyThreadsOneOpens) {
  make(200);
  for (int round = 0; round < 100; ++round) {
    const std::string token = std::to_string(round);
    ASSERT_TRUE(add(token));
    std::vector<std::shared_ptr<TransportConnection>> transports{transport(), transport(), transport(), transport()};
    std::vector<Registry::Lease> leases(transports.size());
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < transports.size(); ++t) {
      threads.emplace_back([&, t] { leases[t] = registry->open(token, transports[t]); });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(std::ranges::count_if(leases, [](const auto& lease) { return lease != nullptr; }), 1);
  }
}

}  // namespace
}  // namespace signalr
