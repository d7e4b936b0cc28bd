// MongoDB in trouble: whatever fails on the way, the same call again is right, and nobody sees rows out of order.
#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "contract/mongodb_fixture.h"

namespace message_service::contract {

class MongoDbFaults : public MongoDbTest {
 protected:
  // As the persister does it.
  std::vector<StoreOutcome> store_until_done(mongodb::MongoDb& node, const Items& all) {
    const base::SteadyTime deadline = base::SteadyClock::now() + std::chrono::seconds(60);
    while (true) {
      auto outcomes = store_of(node).store(all, DeadLetterOrder::pass);
      if (outcomes) return *outcomes;
      EXPECT_EQ(outcomes.error().code, base::ErrorCode::unavailable) << outcomes.error().text;
      if (base::SteadyClock::now() > deadline) throw std::runtime_error(outcomes.error().text);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  // Every message of `items(0, total, conversations)` once, in the order of the log.
  void expect_all(std::int64_t total, std::int64_t conversations) {
    for (std::int64_t c = 0; c < conversations; ++c) {
      std::vector<std::string> expected;
      for (std::int64_t i = c; i < total; i += conversations) expected.push_back("text " + std::to_string(i));
      EXPECT_EQ(contents(conversation(c)), expected) << c;
    }
  }
};

TEST_F(MongoDbFaults, AnAnswerThatFailsIsNoFaultOfTheData) {
  ASSERT_TRUE(store->prepare());
  std::int64_t next = 0;
  for (const std::string& trouble : {
           std::string(R"("errorCode": 10107)"),  // not the primary
           std::string(R"("errorCode": 189)"),    // stepped down
           std::string(R"("errorCode": 11600)"),  // shutting down
           std::string(R"("errorCode": 13)"),     // not allowed, now
           std::string(R"("closeConnection": true)"),
           std::string(R"("writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"})"),
           std::string(R"("writeConcernError": {"code": 91, "errmsg": "shutting down"})"),
       }) {
    SCOPED_TRACE(trouble);
    const auto all = items(next, 10, 2);
    next += 10;
    {
      const FailPoint failing(*database, 1, R"("insert")", trouble);
      const auto failed = store_of(*store).store(all, DeadLetterOrder::pass);
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().code, base::ErrorCode::unavailable);
    }
    const auto again = store_until_done(*store, all);
    EXPECT_EQ(count(again, Kind::stored) + count(again, Kind::stored_again), 10u);
  }
  expect_all(next, 2);
}

// The write took effect, and the answer was that nobody knows.
TEST_F(MongoDbFaults, WhatWasStoredUnheardIsFoundAndAnnounced) {
  ASSERT_TRUE(store->prepare());
  const auto all = items(0, 30, 3);
  {
    const FailPoint failing(*database, 2, R"("insert")", R"("writeConcernError": {"code": 64, "errmsg": "timed out"})");
    ASSERT_FALSE(store_of(*store).store(all, DeadLetterOrder::pass));
  }
  EXPECT_EQ(count(stored(all), Kind::stored_again), 30u);
}

// A batch is several commands. Each fails once, before it took effect and after.
TEST_F(MongoDbFaults, ABatchThatEndsBetweenTwoCommandsIsTheSameWhenItComesAgain) {
  ASSERT_TRUE(store->prepare());
  struct Command {
    const char* name;
    const char* collection;
  };
  std::int64_t offset = 0;
  int round = 0;
  for (const auto& [name, collection] : {Command{"insert", "messages"},
                                         {"insert", "rejected"},
                                         {"update", "dead_letters"},
                                         {"delete", "dead_letters"}}) {
    for (const char* trouble :
         {R"("errorCode": 11600)", R"("writeConcernError": {"code": 64, "errmsg": "waiting timed out"})"}) {
      SCOPED_TRACE(std::string(name) + " " + collection + " " + trouble);
      const std::string conversation = "conv-" + std::to_string(round++);
      Batch before;
      before.items = {item(offset++, conversation, "a", "1")};
      DeadLetter waiting{
          .source = {{0, offset++}, {}}, .reason = DeadReason::store_refused, .error = "", .rejection = {}};
      waiting.conversation_id = conversation;
      before.dead_letters = {waiting};
      ASSERT_TRUE(store->store().commit(before));

      Batch batch;
      batch.items = {item(offset++, conversation, "b", "2"), item(offset++, conversation, "a", "other")};
      batch.items[0].retry_of = open_dead_letter_of(waiting, 0);
      {
        const FailPoint failing(*database, 1, '"' + std::string(name) + '"',
                                R"("namespace": ")" + database->name() + "." + collection + "\", " + trouble);
        const auto failed = store->store().commit(batch);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, base::ErrorCode::unavailable);
      }
      base::Result<Committed> again = Committed();
      ASSERT_TRUE(embedded::eventually([&] { return (again = store->store().commit(batch)).has_value(); }));
      EXPECT_EQ(again->to_announce.size(), 1u) << "nobody was told before";
      ASSERT_EQ(again->dead_letters.size(), 1u);
      EXPECT_EQ(again->dead_letters[0].reason, DeadReason::key_conflict);
      EXPECT_EQ(contents(conversation), (std::vector<std::string>{"1", "2"}));
      const auto open = store->store_reader().open_dead_letters({.conversation_id = conversation}).value();
      ASSERT_EQ(open.size(), 1u) << "one was retried, one is new";
      EXPECT_EQ(open[0].temporary_message_id, "a");
    }
  }
}

TEST_F(MongoDbFaults, ReadsAndOtherWritesFailAsUnavailableAndRecover) {
  stored(items(0, 3, 1));
  const auto tried = [&](const std::string& commands, auto call) {
    const FailPoint failing(*database, 5, commands, R"("errorCode": 11600)");
    return call();
  };
  StoreReader& reader = store->store_reader();
  EXPECT_EQ(tried(R"("find")", [&] { return reader.page("conv-0", {}); }).error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(tried(R"("find")", [&] { return reader.last_sequence("conv-0"); }).error().code,
            base::ErrorCode::unavailable);
  const Conversation conversation{.id = "conv-9", .title = "t", .participants = {}, .created_at = 1};
  const auto create = [&] { return store_of(*store).create_conversation(conversation); };
  EXPECT_EQ(tried(R"("insert")", create).error().code, base::ErrorCode::unavailable);
  const auto reject = [&] { return store_of(*store).reject({{"conv-0", "x", "why"}}); };
  EXPECT_EQ(tried(R"("insert")", reject).error().code, base::ErrorCode::unavailable);
  EXPECT_TRUE(create());
  EXPECT_TRUE(reject());
  EXPECT_EQ(rows("conv-0").size(), 3u);
}

TEST_F(MongoDbFaults, ASynchronousWriteOutlivesPassingTroubleAndIsStoredOnce) {
  ASSERT_TRUE(store_of(*store).write(admitted("conv-1", "a", "1")));
  {
    const FailPoint failing(*database, 1, R"("insert")",
                            R"("errorCode": 112, "errorLabels": ["TransientTransactionError"])");
    EXPECT_TRUE(store_of(*store).write(admitted("conv-1", "b", "2")));
  }
  {
    const FailPoint failing(*database, 1, R"("commitTransaction")", R"("closeConnection": true)");
    EXPECT_TRUE(store_of(*store).write(admitted("conv-1", "c", "3")));
  }
  {
    const FailPoint failing(*database, 5, R"("commitTransaction")", R"("errorCode": 11600)");
    EXPECT_TRUE(store_of(*store).write(admitted("conv-1", "d", "4")));
  }
  EXPECT_TRUE(store_of(*store).write(admitted("conv-1", "d", "4"))->duplicate);
  EXPECT_EQ(contents("conv-1"), (std::vector<std::string>{"1", "2", "3", "4"}));
}

// The commit takes effect, and the majority's word for it does not come in time.
TEST_F(MongoDbFaults, ASynchronousWriteThatNobodyAnswersIsUnknownAndThenADuplicate) {
  mongodb::Options hasty = options();
  hasty.write_timeout = std::chrono::milliseconds(300);
  auto node = mongodb::MongoDb::connect(hasty).value();
  // It is as hasty with what has to be prepared first, so that is tried again.
  ASSERT_TRUE(embedded::eventually([&] { return store_of(*node).write(admitted("conv-1", "a", "1")).has_value(); }));
  {
    const FailPoint failing(*database, 1000, R"("commitTransaction")",
                            R"("writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"})");
    const auto unheard = store_of(*node).write(admitted("conv-1", "b", "2"));
    ASSERT_FALSE(unheard);
    EXPECT_EQ(unheard.error().code, base::ErrorCode::unknown);
  }
  EXPECT_TRUE(store_of(*node).write(admitted("conv-1", "b", "2"))->duplicate);
}

// A persister that was taken for dead goes on while its successor stores the same records.
TEST_F(MongoDbFaults, TwoWritersOfTheSameRecordsStoreEachOnceAndInOrder) {
  constexpr std::int64_t kTotal = 3000;
  constexpr std::int64_t kConversations = 5;
  auto other = connect();
  std::atomic<int> writing = 2;
  std::vector<std::vector<std::uint64_t>> followed(kConversations);
  std::thread follower([&] {
    for (bool last = false; !last;) {
      last = writing == 0;
      for (std::int64_t c = 0; c < kConversations; ++c) {
        auto& seen = followed[static_cast<std::size_t>(c)];
        for (bool more = true; more;) {
          const auto page =
              store->store_reader().page(conversation(c), {.after = seen.empty() ? 0 : seen.back(), .limit = 500});
          ASSERT_TRUE(page) << page.error().text;
          for (const auto& row : page->rows) seen.push_back(row.sequence);
          more = page->has_more;
        }
      }
    }
  });
  const auto write = [&](mongodb::MongoDb& node, std::int64_t batch) {
    for (std::int64_t first = 0; first < kTotal; first += batch) {
      const auto outcomes = store_until_done(node, items(first, std::min(batch, kTotal - first), kConversations));
      EXPECT_EQ(count(outcomes, Kind::stored) + count(outcomes, Kind::stored_again), outcomes.size());
    }
    --writing;
  };
  std::thread zombie([&] { write(*other, 70); });
  write(*store, 100);
  zombie.join();
  follower.join();
  expect_all(kTotal, kConversations);
  for (std::int64_t c = 0; c < kConversations; ++c) {
    std::vector<std::uint64_t> sequences;
    for (const auto& row : rows(conversation(c))) sequences.push_back(row.sequence);
    EXPECT_EQ(followed[static_cast<std::size_t>(c)], sequences) << "a follower of " << c << " missed some";
  }
}

TEST_F(MongoDbFaults, StepDownsWhileWritingLoseAndDoubleNothing) {
  constexpr std::int64_t kTotal = 4000;
  std::atomic<bool> writing = true;
  std::thread trouble([&] {
    for (int round = 0; round < 2 && writing; ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
      database->admin(R"({"replSetStepDown": 1, "secondaryCatchUpPeriodSecs": 0, "force": true})");
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    }
  });
  for (std::int64_t first = 0; first < kTotal; first += 40) {
    store_until_done(*store, items(first, 40, 4));
  }
  writing = false;
  trouble.join();
  while (!store->problem().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  expect_all(kTotal, 4);
}

TEST_F(MongoDbFaults, AServerThatIsNotThereIsSaidInTime) {
  mongodb::Options nowhere = options();
  nowhere.connection_string = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300";
  auto away = mongodb::MongoDb::connect(nowhere).value();
  const base::SteadyTime started = base::SteadyClock::now();
  EXPECT_EQ(away->prepare().error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(store_of(*away).store(items(0, 1), DeadLetterOrder::pass).error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(away->store_reader().page("conv-0", {}).error().code, base::ErrorCode::unavailable);
  EXPECT_LT(base::SteadyClock::now() - started, std::chrono::seconds(5));
  EXPECT_NE(away->problem(), "");

  nowhere.connection_string = "mongodb://127.0.0.1:1/?noSuchOption";
  EXPECT_EQ(mongodb::MongoDb::connect(nowhere).error().code, base::ErrorCode::invalid);
}

TEST_F(MongoDbFaults, EveryConnectionBusyIsSaidInTime) {
  mongodb::Options narrow = options();
  narrow.connections_max = 1;
  narrow.writers = 1;
  narrow.wait_for_connection = std::chrono::milliseconds(50);
  auto node = mongodb::MongoDb::connect(narrow).value();
  ASSERT_TRUE(node->prepare());
  const FailPoint slow(*database, 1, R"("find")", R"("blockConnection": true, "blockTimeMS": 3000)");
  const auto read = [&] { return node->store_reader().page("conv-0", {}); };
  auto elsewhere = std::async(std::launch::async, read);
  const auto here = read();
  const auto there = elsewhere.get();
  ASSERT_NE(here.has_value(), there.has_value()) << "whoever comes first is served";
  const auto& refused = here ? there : here;
  EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable);
}

}  // namespace message_service::contract
