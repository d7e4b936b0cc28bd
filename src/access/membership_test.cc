#include "access/membership.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "support/cpp/temporary_embedded.h"

namespace message_service::access {
namespace {

class MembershipTest : public testing::Test {
 protected:
  MembershipTest() {
    make_conversation({.id = "school", .participants = {{"anna", "Parent"}, {"tom", ""}}, .created_at = 1});
    make_conversation({.id = "empty", .created_at = 1});
  }

  void make_conversation(const Conversation& conversation) {
    ASSERT_TRUE(store_->store().create_conversation(conversation));
  }

  Membership make(Membership::Options options = {}) {
    return {store_->store_reader(),
            [this](std::function<void()> work) {
              if (full_) return false;
              ++asked_;
              work();
              return true;
            },
            options};
  }

  static base::Result<Membership::Answer> find(Membership& membership, const std::string& conversation,
                                               const std::string& subject) {
    base::Result<Membership::Answer> answer = base::Error{base::ErrorCode::unknown, "not called"};
    membership.find(conversation, subject, [&](base::Result<Membership::Answer> found) { answer = std::move(found); });
    return answer;
  }

  embedded::TemporaryEmbedded store_;
  int asked_ = 0;
  bool full_ = false;
};

TEST_F(MembershipTest, KnowsParticipantsWithTheirTypesAndStrangers) {
  auto membership = make();
  EXPECT_EQ(find(membership, "school", "anna").value()->type, "Parent");
  EXPECT_EQ(find(membership, "school", "tom").value()->type, "");
  EXPECT_FALSE(find(membership, "school", "eve").value());
  EXPECT_FALSE(find(membership, "none", "anna").value());
}

TEST_F(MembershipTest, RemembersAnAnswerForAMoment) {
  auto membership = make({.member_for = std::chrono::milliseconds(50), .stranger_for = std::chrono::milliseconds(0)});
  EXPECT_FALSE(membership.known("school", "anna").has_value());
  ASSERT_TRUE(find(membership, "school", "anna"));
  EXPECT_EQ(membership.known("school", "anna")->answer->type, "Parent");
  EXPECT_FALSE(membership.known("school", "ann").has_value()) << "another person";
  ASSERT_TRUE(find(membership, "school", "eve"));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_FALSE(membership.known("school", "anna").has_value());
  EXPECT_FALSE(membership.known("school", "eve").has_value());
}

TEST_F(MembershipTest, WhoIsInANewConversationIsNoStrangerAnyMore) {
  auto membership = make();
  const Conversation conversation{.id = "new", .participants = {{"eve", "Parent"}}, .created_at = 1};
  EXPECT_FALSE(find(membership, "new", "eve").value());
  make_conversation(conversation);
  membership.add(conversation);
  EXPECT_EQ(membership.known("new", "eve")->answer->type, "Parent");
}

TEST_F(MembershipTest, IdsThatRunTogetherAreNotOne) {
  auto membership = make();
  make_conversation({.id = "ab", .participants = {{"c", "T"}}, .created_at = 1});
  ASSERT_TRUE(find(membership, "ab", "c"));
  EXPECT_FALSE(membership.known("a", "bc").has_value());
}

TEST_F(MembershipTest, StrangersPushNoMemberOut) {
  auto membership = make({.entries_max = 160});
  ASSERT_TRUE(find(membership, "school", "anna"));
  for (int i = 0; i < 5'000; ++i) ASSERT_TRUE(find(membership, "school", "eve" + std::to_string(i)));
  EXPECT_TRUE(membership.known("school", "anna").has_value());
}

TEST_F(MembershipTest, AConversationThatNamesNobodyIsClosedUnlessASettingOpensIt) {
  auto closed = make();
  EXPECT_FALSE(find(closed, "empty", "anna").value());
  auto open = make({.open_without_participants = true});
  EXPECT_EQ(find(open, "empty", "anna").value()->type, "");
  EXPECT_FALSE(find(open, "school", "eve").value());
}

TEST_F(MembershipTest, RefusesWhenTooManyAsk) {
  auto membership = make();
  full_ = true;
  const auto answer = find(membership, "school", "anna");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::refused);
  EXPECT_EQ(answer.error().reason, "store-queue");
}

}  // namespace
}  // namespace message_service::access
