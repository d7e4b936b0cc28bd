// The order of a conversation across its dead letters, with crashes at any step.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/persist/persister.h"
#include "support/cpp/breaking_stage.h"
#include "support/cpp/metric_samples.h"
#include "support/cpp/temporary_embedded.h"
#include "support/cpp/total_lag.h"

namespace message_service {
namespace {

using embedded::eventually;
using embedded::requested;
using embedded::shows;
using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

// A letter of the conversation that the store has refused.
DeadLetter refused_letter(const std::string& conversation, std::int64_t offset) {
  return {.source = {{0, offset}, {}},
          .reason = DeadReason::store_refused,
          .error = "",
          .rejection = {},
          .conversation_id = conversation};
}

class DeadLettersTest : public testing::Test {
 protected:
  DeadLettersTest() {
    store.create_conversation("conv-1");
    open_stage();
  }
  ~DeadLettersTest() override { persister.reset(); }

  void start(DeadLetterOrder order = DeadLetterOrder::park) {
    persister = std::make_unique<Persister>(
        Persister::Parts{*breaking, log->log_writer(), *breaking, *breaking, store->store_reader(), *conversations,
                         *metrics},
        Persister::Options{.batching = {}, .limits = {}, .store_name = "the test", .dead_letter_order = order});
    persister->start();
  }

  // As a new process would find things.
  void restart() {
    persister.reset();
    log.reopen();
    store.reopen();
    open_stage();
  }

  void settle() {
    ASSERT_TRUE(eventually([&] { return total_lag(log->log_reader()) == 0; })) << "the log is not stored";
  }

  Position append(const std::string& conversation, const std::string& text) {
    return log.append(requested(conversation, "key-" + text, text));
  }
  void create(const std::string& conversation) {
    store.create_conversation(conversation);
    conversations->add(conversation);
  }
  void create_late() { create("late"); }

  std::vector<OpenDeadLetter> open() { return store->store_reader().open_dead_letters({}).value(); }
  Texts reasons() {
    Texts texts;
    for (const OpenDeadLetter& letter : open()) {
      texts.push_back(letter.temporary_message_id + " " + std::string(to_text(letter.reason)) + " " +
                      std::to_string(letter.attempts));
    }
    return texts;
  }
  std::vector<LogRecord> dead() { return log.topic(wire::kDeadTopic); }

  // Appends the record that an operator's retry appends, for every open letter in order.
  void retry_all() {
    auto letters = open();
    std::ranges::sort(letters, {}, &OpenDeadLetter::origin);
    for (const OpenDeadLetter& letter : letters) retry(letter.origin);
  }
  Position retry(Position origin) {
    const auto found = log->event_log().find_dead_letters({origin}).value();
    return log.append(wire::retry_record(found.at(0).record, origin));
  }

  // The messages sent since the start, each once, in the order of their sequence; then the rejected ones, in order.
  Texts announced() {
    Texts sent, rejected;
    std::set<std::uint64_t> seen;
    const auto all = [](std::string_view) { return true; };
    for (const Event& event : log->event_source().poll(10'000, base::SteadyClock::now(), all).value().events) {
      if (const auto* one = std::get_if<MessageSent>(&event)) {
        if (seen.insert(one->stored.sequence()).second) sent.push_back(one->stored.message().content);
      } else {
        rejected.push_back(std::get<MessageRejected>(event).temporary_message_id);
      }
    }
    sent.insert(sent.end(), rejected.begin(), rejected.end());
    return sent;
  }

  embedded::TemporaryEmbedded log, store;
  std::unique_ptr<Breaking> breaking;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<ConversationDirectory> conversations;
  std::unique_ptr<Persister> persister;

 private:
  void open_stage() {
    metrics = std::make_unique<Metrics>();
    breaking = std::make_unique<Breaking>(store, log);
    conversations = std::make_unique<ConversationDirectory>(
        store->store_reader(), [](const auto&) { return false; }, ConversationDirectory::Options{});
  }
};

TEST_F(DeadLettersTest, PassLetsLaterMessagesGoOnAndARetryClosesTheLetter) {
  const Position first = append("late", "1");
  start(DeadLetterOrder::pass);
  settle();
  create_late();
  append("late", "2");
  settle();
  EXPECT_EQ(store.contents("late"), Texts{"2"});
  const auto letters = open();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].origin, first);
  EXPECT_EQ(letters[0].last, first);
  EXPECT_EQ(letters[0].conversation_id, "late");
  EXPECT_EQ(letters[0].reason, DeadReason::unknown_conversation);
  EXPECT_GT(letters[0].failed_at, 0);
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 1));
  retry(first);
  settle();
  EXPECT_EQ(store.contents("late"), (Texts{"2", "1"}));
  EXPECT_TRUE(open().empty());
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 0));
}

TEST_F(DeadLettersTest, ParkKeepsTheOrderUntilTheEarlierOnesAreRetried) {
  append("late", "1");
  start();
  settle();
  create_late();
  append("late", "2");
  append("conv-1", "other");
  append("late", "3");
  settle();
  EXPECT_TRUE(store.contents("late").empty());
  EXPECT_EQ(store.contents("conv-1"), Texts{"other"}) << "nobody else waits";
  EXPECT_EQ(reasons(), (Texts{"key-1 unknown-conversation 1", "key-2 parked 0", "key-3 parked 0"}));
  EXPECT_TRUE(shows(*metrics, "dead_letter_total{reason=\"parked\"}", 2));
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 3));
  EXPECT_EQ(announced(), (Texts{"other", "key-1"})) << "a parked one is not rejected";

  restart();
  start();
  append("late", "4");
  settle();
  EXPECT_EQ(reasons().back(), "key-4 parked 0") << "a new process knows who waits";
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 4));
  retry_all();
  append("late", "5");
  settle();
  EXPECT_EQ(store.contents("late"), (Texts{"1", "2", "3", "4", "5"}));
  EXPECT_TRUE(open().empty());
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 0));
  EXPECT_EQ(announced(), (Texts{"1", "2", "3", "4", "5"}));
}

TEST_F(DeadLettersTest, WhatIsRetriedTooEarlyOrInVainStaysOpenAndNothingOvertakesIt) {
  const Position first = append("late", "1");
  start();
  settle();
  append("late", "2");
  settle();
  retry(first);
  settle();
  EXPECT_EQ(reasons(), (Texts{"key-1 unknown-conversation 2", "key-2 unknown-conversation 1"}));
  EXPECT_EQ(header_value(dead().back(), "attempts"), "2");
  EXPECT_EQ(header_value(dead().back(), "source-offset"), std::to_string(first.offset)) << "its name stays";
  EXPECT_EQ(header_value(dead().back(), "retry-of"), "");
  create_late();
  const Position again = retry(open().at(1).origin);
  settle();
  EXPECT_EQ(reasons(), (Texts{"key-1 unknown-conversation 2", "key-2 parked 1"}));
  EXPECT_EQ(open().at(1).last, again) << "whoever waits for the retry sees that it came to nothing";
  retry_all();
  settle();
  EXPECT_EQ(store.contents("late"), (Texts{"1", "2"}));
}

TEST_F(DeadLettersTest, NobodysMistakeHoldsUpAConversation) {
  append("conv-1", "1");
  log.append({.key = "conv-1", .value = "garbage"});
  log.append({.key = "conv-1", .value = R"({"conversationId":"conv-1","temporaryMessageId":"bad","content":""})"});
  log.append(requested("conv-1", "key-1", "other content"));
  append("conv-1", "2");
  start();
  settle();
  EXPECT_EQ(store.contents("conv-1"), (Texts{"1", "2"}));
  EXPECT_EQ(reasons(), (Texts{" malformed 1", "bad invalid 1", "key-1 key-conflict 1"}));
  retry_all();
  append("conv-1", "3");
  settle();
  EXPECT_EQ(store.contents("conv-1"), (Texts{"1", "2", "3"}));
  EXPECT_EQ(reasons(), (Texts{" malformed 2", "bad invalid 2", "key-1 key-conflict 2"}));
}

TEST_F(DeadLettersTest, AStoredMessageThatComesAgainIsNotParked) {
  append("conv-1", "1");
  start();
  settle();
  Batch batch;
  batch.dead_letters.push_back(refused_letter("conv-1", 0));
  ASSERT_TRUE(store->store_for_other_log().commit(batch));
  restart();
  start();
  append("conv-1", "1");
  append("conv-1", "2");
  settle();
  EXPECT_TRUE(shows(*metrics, "duplicates_total", 1));
  EXPECT_EQ(reasons(), (Texts{" store-refused 1", "key-2 parked 0"}));
}

// Any program that may write to the topic may write any header. Its record is then an ordinary one, and no letter
// changes.
TEST_F(DeadLettersTest, AForeignRetryHeaderClosesNothingAndOvertakesNobody) {
  const Position first = append("late", "1");
  start();
  settle();
  create_late();
  const auto claiming = [](const std::string& key, const std::string& claim) {
    LogRecord record = requested("late", key, key);
    record.headers.push_back({std::string(header_name::retry_of), claim});
    return record;
  };
  for (const std::string& claim :
       {to_text(first), std::string("0/999999"), std::string("7/0"), std::string("nonsense")}) {
    log.append(claiming("claims-" + claim, claim));
  }
  settle();
  EXPECT_TRUE(store.contents("late").empty()) << "none came in front of the letter";
  EXPECT_EQ(open().size(), 5u);
  EXPECT_EQ(open().at(0).reason, DeadReason::unknown_conversation);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_EQ(open()[i].reason, DeadReason::parked);
  retry_all();
  settle();
  EXPECT_TRUE(open().empty());
  EXPECT_EQ(store.contents("late").size(), 5u);
  EXPECT_EQ(store.contents("late").front(), "1");
}

TEST_F(DeadLettersTest, ADiscardedLetterHoldsUpNobodyAndAParkedOnesSenderIsTold) {
  append("late", "1");
  start();
  settle();
  create_late();
  append("late", "2");
  append("late", "3");
  settle();
  EXPECT_EQ(announced(), Texts{"key-1"});
  const auto letters = open();
  log.append(wire::discard_record(letters.at(0).key(), 5));
  log.append(wire::discard_record(letters.at(1).key(), 5));
  log.append(wire::discard_record({"late", {0, 4711}}, 5));
  settle();
  EXPECT_EQ(reasons(), Texts{"key-3 parked 0"});
  EXPECT_EQ(announced(), Texts{"key-2"}) << "the first was told before";
  EXPECT_TRUE(std::holds_alternative<RejectedKey>(store->store_reader().find_by_temporary_id("late", "key-2").value()));
  retry_all();
  append("late", "4");
  settle();
  EXPECT_EQ(store.contents("late"), (Texts{"3", "4"}));
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 0));
}

TEST_F(DeadLettersTest, ARecordThatMerelyHasTheHeaderOfADiscardIsNotDropped) {
  LogRecord message = requested("conv-1", "a", "hello");
  message.headers.push_back({std::string(header_name::discard_of), "0/0"});
  LogRecord garbage{.key = "conv-1", .value = "garbage", .headers = message.headers};
  log.append(message);
  log.append(garbage);
  start();
  settle();
  EXPECT_EQ(store.contents("conv-1"), Texts{"hello"});
  EXPECT_EQ(reasons(), Texts{" malformed 1"});
}

TEST_F(DeadLettersTest, WithMoreConversationsThanFitInMemoryTheStoreIsAsked) {
  Batch batch;
  for (int i = 0; i < 20; ++i) batch.dead_letters.push_back(refused_letter("conv-" + std::to_string(i), 10 + i));
  ASSERT_TRUE(store->store_for_other_log().commit(batch));
  OpenDeadLetters few(store->store_reader(), DeadLetterOrder::park, 5);
  ASSERT_TRUE(few.load({0}));
  EXPECT_EQ(few.count(), 20u);
  for (int i = 0; i < 20; ++i) {
    const std::string conversation = "conv-" + std::to_string(i);
    EXPECT_TRUE(few.holds_up(conversation, {0, 100}).value());
    EXPECT_FALSE(few.holds_up(conversation, {0, 10}).value()) << "only what lies behind it";
    EXPECT_FALSE(few.holds_up(conversation, {1, 100}).value()) << "only in its partition";
    EXPECT_TRUE(few.find({conversation, {0, 10 + i}}).value());
  }
  EXPECT_FALSE(few.holds_up("conv-20", {0, 100}).value());
}

// Breaks every step of the commits that park, retry and discard, before and after it took effect.
TEST_F(DeadLettersTest, ACrashBetweenAnyTwoStepsEndsInTheSameHistory) {
  int round = 0;
  for (const Step step : {Step::store, Step::publish, Step::move}) {
    for (const bool takes_effect : {false, true}) {
      const std::string conversation = "late-" + std::to_string(round++);
      SCOPED_TRACE(conversation);
      const auto crash_and_recover = [&] {
        breaking->takes_effect = takes_effect;
        breaking->step = step;
        start();
        (void)eventually([&] { return breaking->broken > 0 || total_lag(log->log_reader()) == 0; });
        restart();
        start();
        settle();
        persister->stop(milliseconds(1000));
      };
      append(conversation, "1");
      append(conversation, "2");
      crash_and_recover();
      EXPECT_EQ(open().size(), 2u);
      create(conversation);
      append(conversation, "3");
      append(conversation, "4");
      crash_and_recover();
      EXPECT_EQ(open().size(), 4u);
      EXPECT_TRUE(store.contents(conversation).empty());
      retry(open().at(0).origin);
      log.append(wire::discard_record(open().at(1).key(), 5));
      crash_and_recover();
      EXPECT_EQ(store.contents(conversation), Texts{"1"});
      EXPECT_EQ(open().size(), 2u);
      retry_all();
      append(conversation, "5");
      crash_and_recover();
      EXPECT_EQ(store.contents(conversation), (Texts{"1", "3", "4", "5"}));
      EXPECT_TRUE(open().empty());
    }
  }
}

}  // namespace
}  // namespace message_service
