#include "pipeline/accept/ingress.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/persist/record_classifier.h"
#include "support/cpp/ingress_fakes.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using embedded::draft_of;

using Mood = CapriciousLog::Mood;

class IngressTest : public testing::Test {
 protected:
  IngressTest() {
    adapter.create_conversation("conv-1");
    open_stage();
  }

  void open_stage(bool synchronous = false) {
    const base::BlockingExecutor here = [this](const std::function<void()>& work) {
      if (pool_is_full) return false;
      work();
      return true;
    };
    log = std::make_unique<CapriciousLog>(adapter->log_writer());
    conversations =
        std::make_unique<ConversationDirectory>(adapter->store_reader(), here, ConversationDirectory::Options{});
    ingress = std::make_unique<Ingress>(
        Ingress::Ports{*log, adapter->store(), adapter->event_log(), adapter->store_reader(), here, &backlog},
        *conversations, Ingress::Options{.limits = {}, .recent_messages_max = 1000, .synchronous = synchronous});
  }

  // As a new process would find things.
  void restart() {
    ingress.reset();
    log.reset();
    conversations.reset();
    adapter.reopen();
    open_stage();
  }

  Answer send(Draft draft) {
    Answer answer;
    ingress->accept(std::move(draft), answer.handler());
    return answer;
  }
  Answer send(const std::string& key, const std::string& content) { return send(draft_of("conv-1", key, content)); }

  std::vector<LogRecord> log_records() { return adapter.topic(wire::kRequestedTopic); }

  // Sorts and stores the log as it is, as the persister would.
  Committed persist() {
    Batch batch;
    OpenDeadLetters letters(adapter->store_reader(), DeadLetterOrder::pass);
    RecordClassifier classifier(Limits{}, {adapter->log_reader(), *conversations, adapter->store_reader(), letters});
    auto records = adapter->log_reader().poll(1000, base::SteadyClock::now()).value().records;
    for (ConsumedRecord& consumed : records) {
      if (!classifier.classify_into(batch, consumed)) throw std::runtime_error("cannot be classified");
    }
    return adapter->store().commit(batch).value();
  }

  embedded::TemporaryEmbedded adapter;
  bool pool_is_full = false;
  ConversationBacklog backlog;
  std::unique_ptr<CapriciousLog> log;
  std::unique_ptr<ConversationDirectory> conversations;
  std::unique_ptr<Ingress> ingress;
};

TEST_F(IngressTest, AcceptsOnlyOnceTheLogHasIt) {
  log->mood = Mood::holds_back;
  Draft draft = draft_of("conv-1", "a", "hello");
  draft.correlation_id = "corr-1";
  draft.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const Answer answer = send(std::move(draft));
  EXPECT_FALSE(answer.is_there());
  EXPECT_FALSE(ingress->is_pending("conv-1", "a"));
  EXPECT_TRUE(log_records().empty());
  log->let_go();
  EXPECT_EQ(answer.accepted().content, "hello");
  EXPECT_EQ(answer.accepted().correlation_id(), "corr-1");
  EXPECT_TRUE(ingress->is_pending("conv-1", "a"));
  ASSERT_EQ(log_records().size(), 1u);
  EXPECT_EQ(log_records()[0].key, "conv-1");
  EXPECT_EQ(header_value(log_records()[0], header_name::correlation_id), "corr-1");
  EXPECT_FALSE(header_value(log_records()[0], header_name::traceparent).empty());
}

TEST_F(IngressTest, EveryBadFieldIsNamedAndNothingIsAppended) {
  Draft draft = draft_of("conv-1", "a", "");
  draft.sender_type = "Robot";
  draft.sender_id = std::nullopt;
  const Answer answer = send(std::move(draft));
  std::vector<std::string> fields;
  for (const FieldError& error : std::get<FieldErrors>(answer.get())) fields.push_back(error.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"senderId", "senderType", "content"}));
  EXPECT_EQ(log->appends, 0);
}

TEST_F(IngressTest, AnUnknownConversationIsNotFoundUntilItIsMade) {
  EXPECT_EQ(send(draft_of("conv-2", "a", "x")).error(), base::ErrorCode::not_found);
  adapter.create_conversation("conv-2");
  conversations->add("conv-2");
  EXPECT_EQ(send(draft_of("conv-2", "a", "x")).accepted().conversation_id, "conv-2");
  EXPECT_EQ(log->appends, 1);
}

TEST_F(IngressTest, WhenTooManyLookUpsWaitItIsRefused) {
  pool_is_full = true;
  EXPECT_EQ(send("a", "x").error(), base::ErrorCode::refused);
  pool_is_full = false;
  EXPECT_EQ(send("a", "x").accepted().content, "x");
}

TEST_F(IngressTest, TheSameKeyFromManyThreadsIsOneAppendAndOneAnswer) {
  (void)send("warm", "up").accepted();
  for (int round = 0; round < 20; ++round) {
    const int before = log->appends;
    const std::string key = "key-" + std::to_string(round);
    std::vector<Answer> answers(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < answers.size(); ++t) {
      threads.emplace_back([&, t] {
        Draft draft = draft_of("conv-1", key, "the same");
        draft.correlation_id = "request-" + std::to_string(t);
        ingress->accept(std::move(draft), answers[t].handler());
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Answer& answer : answers) {
      EXPECT_EQ(answer.accepted().id, answers[0].accepted().id);
      EXPECT_EQ(answer.accepted().requested_at, answers[0].accepted().requested_at);
      EXPECT_EQ(answer.accepted().correlation_id(), answers[0].accepted().correlation_id());
    }
    EXPECT_EQ(log->appends, before + 1);
  }
  EXPECT_EQ(log_records().size(), 21u);
}

TEST_F(IngressTest, ThoseWhoWaitForTheSameMessageShareItsOutcome) {
  log->mood = Mood::holds_back;
  const Answer first = send("a", "x");
  const Answer second = send("a", "x");
  EXPECT_EQ(log->appends, 1);
  EXPECT_FALSE(second.is_there());
  EXPECT_EQ(send("a", "other").error(), base::ErrorCode::conflict) << "known at once";
  log->let_go();
  EXPECT_EQ(first.accepted().content, "x");
  EXPECT_EQ(second.accepted().content, "x");
}

TEST_F(IngressTest, TheRetryGetsTheFirstAnswer) {
  Draft draft = draft_of("conv-1", "a", "x");
  draft.correlation_id = "first";
  const Message first = send(std::move(draft)).accepted();
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  const Message again = send("a", "x").accepted();
  EXPECT_EQ(again.requested_at, first.requested_at);
  EXPECT_EQ(again.correlation_id(), "first");
  EXPECT_EQ(wire::accepted_json(again), wire::accepted_json(first));
  EXPECT_EQ(send("a", "other").error(), base::ErrorCode::conflict);
  EXPECT_EQ(log->appends, 1);
}

TEST_F(IngressTest, WithoutAKeyEveryMessageIsItsOwn) {
  Draft draft = draft_of("conv-1", "", "x");
  draft.temporary_message_id = std::nullopt;
  const Message first = send(draft).accepted();
  const Message second = send(draft).accepted();
  EXPECT_NE(first.temporary_message_id, second.temporary_message_id);
  EXPECT_TRUE(uuid_v7_time(first.temporary_message_id));
  EXPECT_EQ(log->appends, 2);
}

TEST_F(IngressTest, AfterARefusalTheNextTryIsTheFirstAgain) {
  log->mood = Mood::refuses;
  EXPECT_EQ(send("a", "x").error(), base::ErrorCode::refused);
  EXPECT_FALSE(ingress->is_pending("conv-1", "a"));
  log->mood = Mood::honest;
  EXPECT_EQ(send("a", "x").accepted().content, "x");
  EXPECT_EQ(log_records().size(), 1u);
}

TEST_F(IngressTest, AfterAnUnknownOutcomeTheSameKeyMayBeSentAgainSafely) {
  for (const Mood mood : {Mood::takes_and_does_not_know, Mood::drops_and_does_not_know}) {
    const std::string key = "key-" + std::to_string(static_cast<int>(mood));
    log->mood = mood;
    EXPECT_EQ(send(key, "x").error(), base::ErrorCode::unknown);
    log->mood = Mood::honest;
    EXPECT_EQ(send(key, "x").accepted().content, "x");
    const Committed committed = persist();
    EXPECT_EQ(committed.stored.size(), 1u);
    EXPECT_EQ(committed.duplicates, mood == Mood::takes_and_does_not_know ? 1u : 0u);
  }
  EXPECT_EQ(adapter.contents("conv-1").size(), 2u);
}

TEST_F(IngressTest, AfterARestartTheAnswerComesFromTheStore) {
  Draft draft = draft_of("conv-1", "a", "x");
  draft.correlation_id = "first";
  const Message first = send(std::move(draft)).accepted();
  ASSERT_EQ(persist().stored.size(), 1u);
  restart();
  const Message again = send("a", "x").accepted();
  EXPECT_EQ(wire::accepted_json(again), wire::accepted_json(first));
  EXPECT_EQ(send("a", "other").error(), base::ErrorCode::conflict);
  EXPECT_EQ(log->appends, 0) << "nothing new for the log";
  EXPECT_EQ(wire::accepted_json(send("a", "x").accepted()), wire::accepted_json(first)) << "now from memory";
}

TEST_F(IngressTest, AfterARestartAConflictIsKnownWithoutTheFirstComingAgain) {
  (void)send("a", "x").accepted();
  ASSERT_EQ(persist().stored.size(), 1u);
  restart();
  EXPECT_EQ(send("a", "other").error(), base::ErrorCode::conflict);
  EXPECT_EQ(send("a", "x").accepted().content, "x") << "the conflict did not take the key";
  EXPECT_EQ(log->appends, 0);
}

TEST_F(IngressTest, TheCallersThreadNeverReadsTheDisk) {
  (void)send("old", "x").accepted();
  ASSERT_EQ(persist().stored.size(), 1u);
  restart();  // so that the rows lie in a table on the disk, and none is cached
  NotedStore noted(adapter->store_reader());
  std::vector<std::thread> blocking;
  const base::BlockingExecutor elsewhere = [&](std::function<void()> work) {
    blocking.emplace_back(std::move(work));
    return true;
  };
  Ingress apart({*log, adapter->store(), adapter->event_log(), noted, elsewhere}, *conversations, {});
  conversations->add("conv-1");
  const auto ask = [&](const std::string& key) {
    Answer answer;
    apart.accept(draft_of("conv-1", key, "x"), answer.handler());
    return answer;
  };
  EXPECT_EQ(ask("old").accepted().content, "x");
  EXPECT_EQ(log->appends, 0);
  EXPECT_EQ(blocking.size(), 1u) << "the row had to be read";
  for (int n = 0; n < 100; ++n) EXPECT_EQ(ask("new-" + std::to_string(n)).accepted().content, "x");
  EXPECT_LT(blocking.size(), 20u) << "memory knows of nearly all keys that they are new";
  for (std::thread& thread : blocking) thread.join();
  EXPECT_FALSE(noted.readers().contains(std::this_thread::get_id()));
}

TEST_F(IngressTest, WhenTooManyLookUpsWaitAKnownKeyIsLeftToTheStore) {
  (void)send("old", "x").accepted();
  ASSERT_EQ(persist().stored.size(), 1u);
  restart();
  conversations->add("conv-1");
  pool_is_full = true;
  EXPECT_EQ(send("old", "x").accepted().content, "x");
  EXPECT_EQ(persist().duplicates, 1u);
}

TEST_F(IngressTest, ARestartBeforeItIsStoredMakesNoDouble) {
  (void)send("a", "x").accepted();
  restart();
  (void)send("a", "x").accepted();
  EXPECT_EQ(log_records().size(), 2u);
  const Committed committed = persist();
  EXPECT_EQ(committed.stored.size(), 1u);
  EXPECT_EQ(committed.duplicates, 1u);
}

TEST_F(IngressTest, AConversationWithALongBacklogIsRefusedAloneAndRepeatsAreNot) {
  adapter.create_conversation("conv-2");
  (void)send("a", "x").accepted();
  backlog.begin("conv-1");
  backlog.begin("conv-1");  // on two shards
  EXPECT_EQ(send("b", "y").error(), base::ErrorCode::refused);
  EXPECT_EQ(send("a", "x").accepted().content, "x");
  (void)send(draft_of("conv-2", "b", "y")).accepted();
  backlog.end("conv-1");
  EXPECT_EQ(send("b", "y").error(), base::ErrorCode::refused);
  backlog.end("conv-1");
  (void)send("b", "y").accepted();
  EXPECT_EQ(log->appends, 3);
}

TEST_F(IngressTest, SynchronousModeStoresFirstAndAnswersRepeatsTheSame) {
  open_stage(true);
  const Answer first = send("a", "x");
  EXPECT_EQ(first.stored().sequence(), 1u);
  EXPECT_EQ(adapter.contents("conv-1"), std::vector<std::string>{"x"});
  const Answer again = send("a", "x");
  EXPECT_EQ(wire::stored_json(again.stored()), wire::stored_json(first.stored()));
  EXPECT_EQ(send("a", "other").error(), base::ErrorCode::conflict);
  EXPECT_EQ(log->appends, 0);
  pool_is_full = true;
  EXPECT_EQ(send("b", "y").error(), base::ErrorCode::refused);
  EXPECT_EQ(adapter.contents("conv-1").size(), 1u);
}

}  // namespace
}  // namespace message_service
