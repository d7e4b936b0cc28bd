#include "signalr/hub/groups.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <unordered_set>

#include "signalr/connection/long_polling_connection.h"
#include "signalr/hub/hub.h"
#include "signalr/hub/hub_connection.h"

namespace signalr {
namespace {

using Names = std::unordered_set<std::string>;

class GroupsTest : public testing::Test {
 protected:
  std::shared_ptr<HubConnection> connection(const std::string& id) {
    const auto transport = std::make_shared<LongPollingConnection>(shard, id, OpeningRequest(), transport_options);
    return std::make_shared<HubConnection>(transport, hub, options, observer);
  }

  runtime::Shard shard{0};
  Hub hub;
  TransportOptions transport_options;
  ConnectionOptions options;
  ConnectionObserver observer;
  Groups<int> groups;
  std::shared_ptr<HubConnection> a = connection("a");
  std::shared_ptr<HubConnection> b = connection("b");
};

TEST_F(GroupsTest, AMembershipIsMadeOnceAndKeepsItsState) {
  const auto added = groups.add("g", *a);
  EXPECT_TRUE(added.is_new_member);
  EXPECT_EQ(added.state, 0);
  added.state = 7;
  const auto again = groups.add("g", *a);
  EXPECT_FALSE(again.is_new_member);
  EXPECT_EQ(again.state, 7);
  EXPECT_EQ(*groups.find("g", *a), 7);
  EXPECT_EQ(groups.groups_of(*a), 1u);
}

TEST_F(GroupsTest, EachMemberAndEachGroupHasItsOwnState) {
  groups.add("g", *a).state = 1;
  groups.add("g", *b).state = 2;
  groups.add("h", *a).state = 3;
  EXPECT_EQ(*groups.find("g", *a), 1);
  EXPECT_EQ(*groups.find("g", *b), 2);
  EXPECT_EQ(*groups.find("h", *a), 3);
  EXPECT_EQ(groups.find("h", *b), nullptr);
  ASSERT_NE(groups.members("g"), nullptr);
  EXPECT_EQ(groups.members("g")->size(), 2u);
  EXPECT_EQ(groups.groups_of(*a), 2u);
}

TEST_F(GroupsTest, AStateStaysWhereItIsWhileOthersCome) {
  int& state = groups.add("g", *a).state;
  std::vector<std::shared_ptr<HubConnection>> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(connection(std::to_string(i)));
    groups.add("g", *others.back());
    groups.add("group-" + std::to_string(i), *a);
  }
  state = 42;
  EXPECT_EQ(*groups.find("g", *a), 42);
}

TEST_F(GroupsTest, RemovingTakesOneMembershipAndTheEmptyGroup) {
  groups.add("g", *a);
  groups.add("g", *b);
  EXPECT_TRUE(groups.remove("g", *a));
  EXPECT_FALSE(groups.remove("g", *a));
  EXPECT_FALSE(groups.remove("nowhere", *a));
  EXPECT_EQ(groups.find("g", *a), nullptr);
  EXPECT_NE(groups.find("g", *b), nullptr);
  EXPECT_EQ(groups.groups_of(*a), 0u);
  EXPECT_TRUE(groups.remove("g", *b));
  EXPECT_EQ(groups.members("g"), nullptr);
  EXPECT_TRUE(groups.add("g", *a).is_new_member) << "and it may come back";
}

TEST_F(GroupsTest, WhoEndsIsTakenOutOfEverythingAndOthersStay) {
  for (const char* group : {"g", "h", "i"}) groups.add(group, *a);
  groups.add("h", *b).state = 5;
  EXPECT_EQ(groups.remove_all(*a), (Names{"g", "h", "i"}));
  EXPECT_EQ(groups.groups_of(*a), 0u);
  EXPECT_EQ(groups.members("g"), nullptr);
  EXPECT_EQ(*groups.find("h", *b), 5);
  EXPECT_EQ(groups.remove_all(*a), Names{});
}

}  // namespace
}  // namespace signalr
