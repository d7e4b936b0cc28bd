#include "pipeline/persist/persister.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "support/cpp/metric_samples.h"
#include "support/cpp/real_store_reader.h"
#include "support/cpp/temporary_embedded.h"
#include "support/cpp/total_lag.h"

namespace message_service {
namespace {

using embedded::eventually;
using embedded::requested;
using embedded::sample_of;
using embedded::shows;
using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

constexpr auto kDrain = std::chrono::seconds(10);

Texts numbers(int from, int to) {
  Texts texts;
  for (int i = from; i <= to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

// The real store, whose first answers to a batch are errors: before the batch took effect, or only after.
class FailingCommits final : public Store {
 public:
  enum class Fails { before, after };

  explicit FailingCommits(Store& real) : real_(real) {}

  void fail_next(int commits, Fails when) {
    const std::scoped_lock lock(mutex_);
    failures_ = commits;
    when_ = when;
  }

  base::Result<Committed> commit(const Batch& batch) override {
    const std::scoped_lock lock(mutex_);
    Texts& attempt = attempts_.emplace_back();
    for (const Batch::Item& item : batch.items) attempt.push_back(item.message.message().content);
    if (failures_ == 0) return real_.commit(batch);
    --failures_;
    if (when_ == Fails::after) (void)real_.commit(batch).value();
    return base::Error{base::ErrorCode::unavailable, "the disk is sick"};
  }

  base::Result<WriteOutcome> write(const Admitted& message) override { return real_.write(message); }
  base::Result<Conversation> create_conversation(const Conversation& it) override {
    return real_.create_conversation(it);
  }
  base::Result<void> trim_canary(std::size_t rows_max) override { return real_.trim_canary(rows_max); }
  base::Result<void> revoke(const Revocation& it) override { return real_.revoke(it); }

  std::vector<Texts> attempts() {
    const std::scoped_lock lock(mutex_);
    return attempts_;
  }

 private:
  Store& real_;
  std::mutex mutex_;
  std::vector<Texts> attempts_;
  int failures_ = 0;
  Fails when_ = Fails::before;
};

// The real store, which cannot be asked about conversations for a while.
class FailingStore final : public RealStoreReader {
 public:
  using RealStoreReader::RealStoreReader;

  std::atomic<bool> down = false;
  std::atomic<int> refused = 0;

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override {
    if (!down) return RealStoreReader::find_conversation(id);
    ++refused;
    return base::Error{base::ErrorCode::unavailable, "the store is down"};
  }
};

class PersisterTest : public testing::Test {
 protected:
  PersisterTest() {
    adapter.create_conversation("conv-1");
    open_stage();
  }
  ~PersisterTest() override { persister.reset(); }

  void start(const Batcher::Options& batching = {}) {
    persister = std::make_unique<Persister>(
        Persister::Parts{adapter->log_reader(), adapter->log_writer(), adapter->event_log(), *committer, *store,
                         *conversations, *metrics, versions},
        Persister::Options{.batching = batching, .limits = {}, .store_name = "the test", .dead_letter_order = order});
    persister->start();
  }

  // As a new process would find things.
  void restart() {
    persister.reset();
    adapter.reopen();
    open_stage();
  }

  void append_numbers(int from, int to) {
    for (int i = from; i <= to; ++i) adapter.append(requested("conv-1", "key-" + std::to_string(i), std::to_string(i)));
  }

  Texts stored() { return adapter.contents("conv-1"); }
  std::uint64_t lag() { return total_lag(adapter->log_reader()); }

  // Of every event since the start, in order.
  Texts announced() {
    Texts texts;
    const auto events = adapter->event_source()
                            .poll(10'000, base::SteadyClock::now(), [](std::string_view) { return true; })
                            .value()
                            .events;
    for (const Event& event : events) {
      const auto* sent = std::get_if<MessageSent>(&event);
      texts.push_back(sent ? sent->stored.message().content : std::get<MessageRejected>(event).temporary_message_id);
    }
    return texts;
  }

  int flushes(const std::string& reason) const {
    return sample_of(*metrics, "batch_flush_total{reason=\"" + reason + "\"}");
  }

  embedded::TemporaryEmbedded adapter;
  DeadLetterOrder order = DeadLetterOrder::pass;
  RecordVersions versions;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<FailingStore> store;
  std::unique_ptr<ConversationDirectory> conversations;
  std::unique_ptr<FailingCommits> committer;
  std::unique_ptr<Persister> persister;

 private:
  void open_stage() {
    metrics = std::make_unique<Metrics>();
    store = std::make_unique<FailingStore>(adapter->store_reader());
    conversations = std::make_unique<ConversationDirectory>(
        *store, [](const auto&) { return false; }, ConversationDirectory::Options{});
    committer = std::make_unique<FailingCommits>(adapter->store());
  }
};

TEST_F(PersisterTest, WhatANewerNodeWroteWaitsForANewerProgram) {
  versions.allowed = [] { return base::Result<int>(3); };
  append_numbers(1, 5);
  LogRecord newer = requested("conv-1", "key-6", "6");
  newer.headers.push_back({std::string(header_name::requires_version), "3"});
  adapter.append(newer);
  append_numbers(7, 9);
  start();
  ASSERT_TRUE(eventually([&] { return !persister->waiting().empty() && lag() == 4; }));
  EXPECT_EQ(persister->waiting().at(0).from, (Position{.partition = 0, .offset = 5}));
  EXPECT_EQ(persister->waiting().at(0).requires_version, 3);
  append_numbers(10, 12);
  persister->stop(kDrain);
  EXPECT_EQ(stored(), numbers(1, 5));
  EXPECT_EQ(lag(), 7u) << "nothing is committed past it";
  EXPECT_TRUE(shows(*metrics, "dead_letters_open", 0));

  versions.reads = 3;
  restart();
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 12));
  EXPECT_TRUE(persister->waiting().empty());
}

TEST_F(PersisterTest, StoresAndAnnouncesInTheOrderOfTheLog) {
  append_numbers(1, 100);
  start({.interval = std::chrono::hours(1)});
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  append_numbers(101, 130);
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 130));
  EXPECT_EQ(announced(), numbers(1, 130));
  EXPECT_TRUE(eventually([&] { return flushes("size") >= 1; }));
  EXPECT_TRUE(eventually([&] { return flushes("idle") >= 1; })) << "the last of a burst does not wait for another one";
  EXPECT_TRUE(shows(*metrics, "consumed_total", 130));
  EXPECT_TRUE(shows(*metrics, "store_writes_total", 130));
}

TEST_F(PersisterTest, WritesSevenOfFiftyByIntervalWithoutAnEighth) {
  append_numbers(1, 7);
  const base::SteadyTime started = base::SteadyClock::now();
  start({.size = 50, .size_max = 1000, .interval = milliseconds(2000), .when_idle = false});
  std::this_thread::sleep_until(started + milliseconds(200));
  EXPECT_TRUE(stored().empty()) << "there is time to grow";
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_GE(base::SteadyClock::now() - started, milliseconds(2000));
  EXPECT_EQ(committer->attempts(), (std::vector<Texts>{numbers(1, 7)})) << "one batch";
  EXPECT_EQ(stored(), numbers(1, 7));
  EXPECT_TRUE(eventually([&] { return flushes("interval") == 1; }));
}

TEST_F(PersisterTest, WritesAFullBatchAtOnce) {
  append_numbers(1, 50);
  const base::SteadyTime started = base::SteadyClock::now();
  start({.size = 50, .size_max = 50, .interval = std::chrono::hours(1), .when_idle = false});
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_LT(base::SteadyClock::now() - started, std::chrono::seconds(5));
  EXPECT_TRUE(eventually([&] { return flushes("size") == 1; }));
}

TEST_F(PersisterTest, NoBatchIsLargerThanTheMost) {
  append_numbers(1, 95);
  start({.size = 10, .size_max = 30, .interval = milliseconds(1000), .when_idle = true});
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  const auto attempts = committer->attempts();
  ASSERT_EQ(attempts.size(), 4u);
  EXPECT_EQ(attempts[0], numbers(1, 30)) << "what waits is taken together, up to the most";
  EXPECT_EQ(attempts[3], numbers(91, 95));
}

TEST_F(PersisterTest, BadRecordsBetweenGoodOnesGoToTheDeadLettersWithTheirReasons) {
  const LogRecord garbage{.key = "conv-1", .value = "\xFFgarbage", .headers = {{"x", "y"}}, .timestamp = 7};
  const LogRecord foreign{.key = "conv-1", .value = R"({"eventType":"OrderPlaced","order":1})"};
  const LogRecord invalid{.key = "conv-1",
                          .value = R"({"conversationId":"conv-1","temporaryMessageId":"bad","content":""})"};
  append_numbers(1, 1);
  adapter.append(garbage);
  append_numbers(2, 2);
  adapter.append(foreign);
  adapter.append(invalid);
  append_numbers(3, 3);
  adapter.append(requested("nowhere", "lost", "x"));
  adapter.append(requested("conv-1", "key-1", "other content"));
  append_numbers(4, 4);
  adapter.append(requested("conv-1", "key-2", "2"));  // the same again
  committer->fail_next(1, FailingCommits::Fails::before);
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));

  EXPECT_EQ(stored(), numbers(1, 4));
  EXPECT_TRUE(shows(*metrics, "duplicates_total", 1));
  const auto dead = adapter.topic(wire::kDeadTopic);
  ASSERT_EQ(dead.size(), 5u);
  const std::array<std::string_view, 5> reasons{"malformed", "malformed", "invalid", "unknown-conversation",
                                                "key-conflict"};
  const std::array<std::string_view, 5> offsets{"1", "3", "4", "6", "7"};
  for (std::size_t i = 0; i < dead.size(); ++i) {
    EXPECT_EQ(header_value(dead[i], "reason"), reasons[i]);
    EXPECT_EQ(header_value(dead[i], "source-offset"), offsets[i]);
    EXPECT_FALSE(header_value(dead[i], "error").empty());
    EXPECT_TRUE(shows(*metrics, "dead_letter_total{reason=\"" + std::string(reasons[i]) + "\"}", i < 2 ? 2 : 1));
  }
  EXPECT_EQ(dead[0].value, garbage.value);
  EXPECT_EQ(header_value(dead[0], "x"), "y");
  EXPECT_EQ(dead[1].value, foreign.value);

  Texts events = announced();
  std::ranges::sort(events);
  EXPECT_EQ(events, (Texts{"1", "2", "3", "4", "bad", "key-1", "lost"})) << "stored ones, and those who can be told";
}

TEST_F(PersisterTest, DeadLettersAreWrittenBeforeThePositionMoves) {
  adapter.append({.key = "conv-1", .value = "garbage"});
  committer->fail_next(1'000'000, FailingCommits::Fails::before);
  start();
  ASSERT_TRUE(eventually([&] { return committer->attempts().size() >= 3; }));
  EXPECT_EQ(lag(), 1u) << "what could not become a dead letter is still in the log";
  restart();
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(adapter.topic(wire::kDeadTopic).size(), 1u);
}

TEST_F(PersisterTest, AFailedCommitIsTriedAgainWithTheSameBatchAndNothingOvertakesIt) {
  append_numbers(1, 20);
  committer->fail_next(4, FailingCommits::Fails::before);
  start({.size = 10, .size_max = 10, .interval = std::chrono::hours(1), .when_idle = false});
  append_numbers(21, 30);
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  const auto attempts = committer->attempts();
  ASSERT_EQ(attempts.size(), 7u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(attempts[i], numbers(1, 10));
  EXPECT_EQ(attempts[5], numbers(11, 20));
  EXPECT_EQ(stored(), numbers(1, 30));
  EXPECT_EQ(announced(), numbers(1, 30));
}

TEST_F(PersisterTest, ACommitThatTookEffectAndSaidItDidNotDoublesNothing) {
  append_numbers(1, 20);
  committer->fail_next(3, FailingCommits::Fails::after);
  start();
  ASSERT_TRUE(shows(*metrics, "duplicates_total", 20));
  EXPECT_EQ(stored(), numbers(1, 20));
  EXPECT_EQ(announced(), numbers(1, 20));
}

TEST_F(PersisterTest, AStoreThatCannotBeAskedForAWhileDelaysAndLosesNothing) {
  store->down = true;
  append_numbers(1, 5);
  start();
  ASSERT_TRUE(eventually([&] { return store->refused >= 3; }));
  EXPECT_EQ(lag(), 5u);
  store->down = false;
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 5));
  EXPECT_TRUE(adapter.topic(wire::kDeadTopic).empty());
}

TEST_F(PersisterTest, StopStoresWhatTheLogStillHolds) {
  start({.size = 1000, .size_max = 1000, .interval = std::chrono::hours(1), .when_idle = false});
  append_numbers(1, 25);
  persister->stop(kDrain);
  EXPECT_EQ(stored(), numbers(1, 25));
  EXPECT_EQ(lag(), 0u);
  EXPECT_EQ(flushes("shutdown"), 1);
  persister->stop(kDrain);
}

TEST_F(PersisterTest, StopEndsInTimeWhenTheStoreDoesNotRecover) {
  append_numbers(1, 5);
  committer->fail_next(1'000'000, FailingCommits::Fails::before);
  start();
  ASSERT_TRUE(eventually([&] { return !committer->attempts().empty(); }));
  const base::SteadyTime started = base::SteadyClock::now();
  persister->stop(milliseconds(300));
  EXPECT_GE(base::SteadyClock::now() - started, milliseconds(300)) << "it tries until the time is over";
  EXPECT_LT(base::SteadyClock::now() - started, milliseconds(3000));
  EXPECT_EQ(lag(), 5u);
  restart();
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 5));
}

TEST_F(PersisterTest, GoesOnAfterARestartWhereItEnded) {
  append_numbers(1, 10);
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  persister->stop(kDrain);
  append_numbers(11, 20);
  restart();
  EXPECT_EQ(lag(), 10u);
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 20));
  EXPECT_TRUE(shows(*metrics, "consumed_total", 10));
  EXPECT_TRUE(shows(*metrics, "duplicates_total", 0));
}

// Nothing of the first batch is sorted when the time is over: the position must stay where it is.
TEST_F(PersisterTest, StopWhileConversationsCannotBeLookedUpLosesNothing) {
  append_numbers(1, 3);
  store->down = true;
  start({.size = 1, .size_max = 10, .interval = milliseconds(1), .when_idle = true});
  ASSERT_TRUE(eventually([&] { return store->refused > 0; }));
  persister->stop(milliseconds(100));
  EXPECT_EQ(lag(), 3u);
  restart();
  start();
  ASSERT_TRUE(eventually([&] { return lag() == 0; }));
  EXPECT_EQ(stored(), numbers(1, 3));
}

}  // namespace
}  // namespace message_service
