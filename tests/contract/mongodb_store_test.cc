// What the MongoDB adapter promises beyond the store's contract: its documents, replays of any part of a batch, what
// the server itself refuses, synchronous writes side by side.
#include <algorithm>
#include <set>
#include <thread>

#include "adapters/mongodb/inspection.h"
#include "base/hex.h"
#include "contract/mongodb_fixture.h"

namespace message_service::contract {

class MongoDbStore : public MongoDbTest {};

TEST_F(MongoDbStore, WritesDocumentsThatOthersCanRead) {
  Draft draft;
  draft.conversation_id = "conv-1";
  draft.temporary_message_id = "key-1";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = std::string("zero \0 and Zwölf", 17);
  draft.correlation_id = "c-1";
  draft.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto outcomes =
      stored({{Appended({0, 41}, *admit(std::move(draft), Limits{}, 1769509800123).admitted), LogRecord{}}});
  const Stored& message = outcomes.at(0).stored.value();
  EXPECT_EQ(message.sequence(), 42u);

  const std::string found = database->run(R"({"find": "messages", "filter": {}})");
  for (const std::string& part :
       {R"("_id" : { "$oid" : ")" + base::to_hex(message.id()) + R"(" })",
        std::string(R"("conversationId" : "conv-1")"), std::string(R"("temporaryMessageId" : "key-1")"),
        std::string(R"("sequence" : { "$numberLong" : "42" })"), std::string(R"("senderId" : "parent-001")"),
        std::string(R"("senderType" : "Parent")"), std::string(R"("content" : "zero \u0000 and Zwölf")"),
        std::string(R"("status" : "Sent")"),
        std::string(R"("sentAt" : { "$date" : { "$numberLong" : "1769509800123" } })"),
        R"("persistedAt" : { "$date" : { "$numberLong" : ")" + std::to_string(message.persisted_at()) + R"(" } })",
        std::string(R"("correlationId" : "c-1")"),
        std::string(R"("traceparent" : "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")")}) {
    EXPECT_NE(found.find(part), std::string::npos) << part << " is not in " << found;
  }
  EXPECT_EQ(rows("conv-1").at(0).json, wire::stored_json(message));
}

TEST_F(MongoDbStore, AWholeBatchAgainGivesTheSameRows) {
  const auto all = items(0, 100);
  const auto first = stored(all);
  EXPECT_EQ(count(first, Kind::stored), 100u);
  const auto again = store_of(*connect()).store(all, DeadLetterOrder::pass).value();
  EXPECT_EQ(count(again, Kind::stored_again), 100u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(wire::stored_json(*again[i].stored), wire::stored_json(*first[i].stored));
  }
}

TEST_F(MongoDbStore, ABatchOfWhichAnyPartIsThereIsCompleted) {
  for (const auto& there : {std::pair(0, 5), std::pair(3, 4), std::pair(9, 1), std::pair(0, 10)}) {
    SCOPED_TRACE(there.first);
    const std::int64_t base = 100 * (there.first + 1) + there.second;
    stored(items(base + there.first, there.second, 1));
    const auto completed = stored(items(base, 10, 1));
    for (int i = 0; i < 10; ++i) {
      const bool before = i >= there.first && i < there.first + there.second;
      EXPECT_EQ(completed[static_cast<std::size_t>(i)].kind, before ? Kind::stored_again : Kind::stored) << i;
    }
  }
}

TEST_F(MongoDbStore, EachItemOfAMixedBatchIsSettledByItself) {
  stored({item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "2")});
  const auto outcomes = stored({item(2, "conv-1", "c", "3"), item(3, "conv-1", "a", "1"), item(1, "conv-1", "b", "2"),
                                item(4, "conv-1", "b", "other"), item(5, "conv-1", "c", "3"),
                                item(6, "conv-1", "c", "other"), item(7, "conv-1", "d", "4")});
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::duplicate, Kind::stored_again, Kind::conflict,
                                          Kind::duplicate, Kind::conflict, Kind::stored}));
  EXPECT_EQ(contents("conv-1"), (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_F(MongoDbStore, MessagesOfTheLargestSizeGoThroughInManyCommands) {
  Items large;
  for (int i = 0; i < 10; ++i) {
    Draft draft;
    draft.conversation_id = "conv-1";
    draft.temporary_message_id = "key-" + std::to_string(i);
    draft.sender_id = "parent-001";
    draft.sender_type = "Parent";
    draft.content = std::string(std::size_t{10} << 20, 'x');
    const Limits limits{.content_bytes_max = std::size_t{16} << 20};
    large.push_back({Appended({0, i}, *admit(std::move(draft), limits, 0).admitted), LogRecord{}});
  }
  EXPECT_EQ(count(stored(large), Kind::stored), 10u);
  EXPECT_EQ(store->store_reader().last_sequence("conv-1").value(), 10u);
}

TEST_F(MongoDbStore, WhatNoDocumentCanHoldIsRefusedAndTheRestIsStored) {
  Draft draft;
  draft.conversation_id = "conv-1";
  draft.temporary_message_id = "huge";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = std::string(std::size_t{17} << 20, 'x');
  const Limits limits{.content_bytes_max = std::size_t{32} << 20};
  const auto outcomes = stored({item(0, "conv-1", "a", "1"),
                                {Appended({0, 1}, *admit(std::move(draft), limits, 0).admitted), LogRecord{}},
                                item(2, "conv-1", "b", "2")});
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::refused, Kind::stored}));
  EXPECT_NE(outcomes[1].error.find("larger"), std::string::npos);
}

TEST_F(MongoDbStore, WhatARuleOfTheCollectionForbidsIsRefusedAndTheRestIsStored) {
  ASSERT_TRUE(store->prepare());
  ASSERT_NE(database->run(R"({"collMod": "messages", "validator": {"content": {"$ne": "forbidden"}}})"), "");
  const auto outcomes = stored({item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "forbidden"),
                                item(2, "conv-1", "c", "forbidden"), item(3, "conv-1", "d", "2")});
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::refused, Kind::refused, Kind::stored}));
  EXPECT_NE(outcomes[1].error.find("validation"), std::string::npos) << outcomes[1].error;
  EXPECT_EQ(store_of(*store).write(admitted("conv-1", "e", "forbidden")).error().code, base::ErrorCode::invalid);
}

TEST_F(MongoDbStore, BehindARefusedMessageItsConversationIsParkedAndNobodyElse) {
  ASSERT_TRUE(store->prepare());
  ASSERT_NE(database->run(R"({"collMod": "messages", "validator": {"content": {"$ne": "forbidden"}}})"), "");
  const Items all{item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "forbidden"), item(2, "conv-2", "c", "2"),
                  item(3, "conv-1", "d", "3"), item(4, "conv-2", "e", "4")};
  const auto outcomes = store_of(*store).store(all, DeadLetterOrder::park).value();
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::refused, Kind::stored, Kind::parked, Kind::stored}));
  EXPECT_EQ(contents("conv-1"), std::vector<std::string>{"1"});
  EXPECT_EQ(contents("conv-2"), (std::vector<std::string>{"2", "4"}));
  const auto again = store_of(*store).store(all, DeadLetterOrder::park).value();
  EXPECT_EQ(kinds(again),
            (std::vector{Kind::stored_again, Kind::refused, Kind::stored_again, Kind::parked, Kind::stored_again}));
}

TEST_F(MongoDbStore, AUniqueIndexThatSomebodyAddedRefusesAndDoesNotStop) {
  ASSERT_TRUE(store->prepare());
  ASSERT_NE(database->run(
                R"({"createIndexes": "messages", "indexes": [{"key": {"content": 1}, "name": "x", "unique": true}]})"),
            "");
  const auto outcomes = stored({item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "1"), item(2, "conv-1", "c", "2")});
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::refused, Kind::stored}));
}

TEST_F(MongoDbStore, TheFirstReasonOfARejectedKeyStays) {
  ASSERT_TRUE(store_of(*store).reject({{"conv-1", "a", "first"}, {"conv-1", "b", "other"}}));
  ASSERT_TRUE(store_of(*store).reject({{"conv-1", "a", "second"}, {"conv-1", "c", "new"}}));
  const auto reason = [&](const std::string& key) {
    return std::get<RejectedKey>(store->store_reader().find_by_temporary_id("conv-1", key).value()).reason;
  };
  EXPECT_EQ(reason("a"), "first");
  EXPECT_EQ(reason("b"), "other");
  EXPECT_EQ(reason("c"), "new");
}

TEST_F(MongoDbStore, PagesAndTheLastSequenceAreReadFromTheIndex) {
  stored(items(0, 60, 3));
  const std::string explained = database->run(
      R"({"explain": {"find": "messages", "filter": {"conversationId": "conv-1", "sequence": {"$gt": 5}},)"
      R"("sort": {"conversationId": 1, "sequence": 1}, "limit": 5}, "verbosity": "executionStats"})");
  EXPECT_NE(explained.find(R"("indexName" : "conversationId_1_sequence_1")"), std::string::npos);
  EXPECT_EQ(explained.find(R"("stage" : "SORT")"), std::string::npos);
  EXPECT_NE(explained.find(R"("totalDocsExamined" : { "$numberInt" : "5" })"), std::string::npos);
}

TEST_F(MongoDbStore, IsInspectedBeforeAndAfterItIsPrepared) {
  const auto before = mongodb::inspect(options()).value();
  EXPECT_EQ(before.version, "6.0.5");
  EXPECT_EQ(before.replica_set, "rs0");
  EXPECT_GE(before.members, 1);
  EXPECT_FALSE(before.sequence_index);
  EXPECT_EQ(before.problems, std::vector<std::string>());
  ASSERT_TRUE(store->prepare());
  EXPECT_TRUE(mongodb::inspect(options()).value().sequence_index);
}

TEST_F(MongoDbStore, SynchronousWritesSideBySideCountUpInEachConversation) {
  constexpr int kThreads = 6;
  constexpr int kEach = 15;
  std::vector<std::thread> threads;
  std::atomic<bool> writing = true;
  // Whoever follows a conversation sees its rows in order, and none behind what he has seen.
  std::vector<std::uint64_t> followed;
  std::thread follower([&] {
    for (bool last = false; !last;) {
      last = !writing;
      const std::uint64_t after = followed.empty() ? 0 : followed.back();
      for (const auto& row : store->store_reader().page("conv-1", {.after = after, .limit = 500}).value().rows) {
        followed.push_back(row.sequence);
      }
    }
  });
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string key = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_TRUE(store_of(*store).write(admitted("conv-1", key, key)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writing = false;
  follower.join();
  const auto all = rows("conv-1");
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  std::vector<std::uint64_t> sequences;
  for (const auto& row : all) sequences.push_back(row.sequence);
  EXPECT_EQ(std::set(sequences.begin(), sequences.end()).size(), sequences.size());
  EXPECT_EQ(followed, sequences);
}

TEST_F(MongoDbStore, TheSameKeyWrittenByManyAtOnceIsOneMessage) {
  std::vector<std::thread> threads;
  std::atomic<int> fresh = 0;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      auto outcome = store_of(*store).write(admitted("conv-1", "a", "1"));
      ASSERT_TRUE(outcome) << outcome.error().text;
      fresh += outcome->duplicate ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(rows("conv-1").size(), 1u);
}

}  // namespace message_service::contract
