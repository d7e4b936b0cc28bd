#include "pipeline/accept/recent_messages.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using Claim = RecentMessages::Claim;

Message message(const std::string& key, const std::string& content = "hello") {
  return embedded::admitted_of("conv-1", key, content).message();
}

using Callback = std::function<void(const base::Result<FirstAnswer>&)>;

std::shared_ptr<RecentMessages::Waiter> waiter_of(Callback callback) {
  struct Caller final : RecentMessages::Waiter {
    explicit Caller(Callback call) : callback(std::move(call)) {}
    void told(const base::Result<FirstAnswer>& first) override { callback(first); }
    Callback callback;
  };
  return std::make_shared<Caller>(std::move(callback));
}

// Remembers the answers that its waiters got.
struct Told {
  std::vector<base::Result<FirstAnswer>> answers;
  std::shared_ptr<RecentMessages::Waiter> waiter() {
    return waiter_of([this](const base::Result<FirstAnswer>& answer) { answers.push_back(answer); });
  }
};

TEST(RecentMessages, TheFirstCarriesOthersWaitAndLaterOnesAreToldAtOnce) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::waiting);
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::waiting);
  EXPECT_TRUE(told.answers.empty());
  EXPECT_FALSE(recent.holds("conv-1", "a")) << "it is not in the log yet";

  recent.settle(message("a"), {.requested_at = 77, .correlation_id = "corr"});
  ASSERT_EQ(told.answers.size(), 2u) << "those who waited, and not the first";
  EXPECT_EQ(told.answers[1]->requested_at, 77);
  EXPECT_EQ(told.answers[1]->correlation_id, "corr");
  EXPECT_TRUE(recent.holds("conv-1", "a"));

  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::repeat);
  ASSERT_EQ(told.answers.size(), 3u);
  EXPECT_EQ(told.answers[2]->requested_at, 77);
}

TEST(RecentMessages, WhatIsRememberedUnclaimedIsToldLikeWhatWasClaimed) {
  RecentMessages recent(1000);
  Told told;
  recent.remember(message("a"), {.requested_at = 77, .correlation_id = "corr"});
  EXPECT_TRUE(recent.holds("conv-1", "a"));
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::repeat);
  ASSERT_EQ(told.answers.size(), 1u);
  EXPECT_EQ(told.answers[0]->requested_at, 77);
  EXPECT_EQ(told.answers[0]->correlation_id, "corr");
  EXPECT_EQ(recent.claim(message("a", "other"), told.waiter()), Claim::conflict);
}

TEST(RecentMessages, OtherContentIsAConflictBeforeAndAfterTheAnswer) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  EXPECT_EQ(recent.claim(message("a", "other"), told.waiter()), Claim::conflict);
  Message other_sender = message("a");
  other_sender.sender_id = "parent-002";
  EXPECT_EQ(recent.claim(other_sender, told.waiter()), Claim::conflict);
  recent.settle(message("a"), {});
  EXPECT_EQ(recent.claim(message("a", "other"), told.waiter()), Claim::conflict);
  EXPECT_TRUE(told.answers.empty()) << "a conflict's waiter is not taken";
}

TEST(RecentMessages, OtherCorrelationOrTimeIsTheSameMessage) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  Message retry = message("a");
  retry.own_correlation_id = "another request";
  retry.requested_at += 5000;
  EXPECT_EQ(recent.claim(retry, told.waiter()), Claim::waiting);
}

TEST(RecentMessages, TheSameKeyInAnotherConversationIsAnother) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  EXPECT_EQ(recent.claim(embedded::admitted_of("conv-2", "a", "x").message(), told.waiter()), Claim::first);
}

TEST(RecentMessages, AfterItIsAbandonedTheWaitersKnowAndTheNextIsTheFirstAgain) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::waiting);
  recent.abandon(message("a"), {base::ErrorCode::unknown, "no answer"});
  ASSERT_EQ(told.answers.size(), 1u);
  ASSERT_FALSE(told.answers[0]);
  EXPECT_EQ(told.answers[0].error().code, base::ErrorCode::unknown);
  EXPECT_FALSE(recent.holds("conv-1", "a"));
  EXPECT_EQ(recent.claim(message("a", "even with other content"), told.waiter()), Claim::first);
}

TEST(RecentMessages, WhatIsSettledIsNotAbandonedAnyMore) {
  RecentMessages recent(1000);
  Told told;
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::first);
  recent.settle(message("a"), {.requested_at = 1, .correlation_id = ""});
  recent.abandon(message("a"), {base::ErrorCode::unknown, "late"});
  recent.settle(message("a"), {.requested_at = 2, .correlation_id = ""});
  EXPECT_EQ(recent.claim(message("a"), told.waiter()), Claim::repeat);
  EXPECT_EQ(told.answers.at(0)->requested_at, 1) << "the first answer stays the answer";
}

TEST(RecentMessages, ForgetsTheOldestSettledOnesAndNeverWhatIsUnderWay) {
  RecentMessages recent(16);  // one for each of its parts
  Told told;
  EXPECT_EQ(recent.claim(message("under way"), told.waiter()), Claim::first);
  for (int i = 0; i < 500; ++i) {
    const Message next = message("key-" + std::to_string(i));
    ASSERT_EQ(recent.claim(next, told.waiter()), Claim::first);
    recent.settle(next, {});
    EXPECT_TRUE(recent.holds("conv-1", next.temporary_message_id)) << "the newest is always held";
  }
  int held = 0;
  for (int i = 0; i < 500; ++i) held += recent.holds("conv-1", "key-" + std::to_string(i)) ? 1 : 0;
  EXPECT_LE(held, 16);
  EXPECT_EQ(recent.claim(message("under way"), told.waiter()), Claim::waiting);
}

TEST(RecentMessages, OfManyThreadsOneIsFirstAndAllOthersGetItsAnswer) {
  RecentMessages recent(1000);
  for (int round = 0; round < 50; ++round) {
    const Message contested = message("key-" + std::to_string(round));
    std::atomic<int> first = 0;
    std::atomic<int> answered = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto count = [&](const base::Result<FirstAnswer>& answer) {
          if (answer && answer->requested_at == 9) ++answered;
        };
        const auto claim = recent.claim(contested, waiter_of(count));
        if (claim != Claim::first) return;
        ++first;
        recent.settle(contested, {.requested_at = 9, .correlation_id = ""});
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(first, 1);
    ASSERT_EQ(answered, 3);
  }
}

}  // namespace
}  // namespace message_service
