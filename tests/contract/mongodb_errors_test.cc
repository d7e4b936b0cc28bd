// Which of MongoDB's errors pass, which somebody has to put right, and which are for ever: each has its way out.
#include "adapters/mongodb/inspection.h"
#include "contract/mongodb_fixture.h"

namespace message_service::contract {

class MongoDbErrors : public MongoDbTest {
 protected:
  void index(const std::string& collection, const std::string& spec) {
    ASSERT_NE(database->run(R"({"createIndexes": ")" + collection + R"(", "indexes": [)" + spec + "]}"), "");
  }
  void create(const std::string& collection, const std::string& options) {
    ASSERT_NE(database->run(R"({"create": ")" + collection + "\", " + options + "}"), "");
  }
};

// The first message meets the rule; the second does not.
TEST_F(MongoDbErrors, WhatAForeignIndexForbidsIsRefusedAndTheRestIsStored) {
  for (const std::string spec :
       {R"({"key": {"senderType": "2dsphere"}, "name": "x", "partialFilterExpression": {"content": "bad"}})",
        R"({"key": {"content": "text"}, "name": "x", "language_override": "senderType",
            "partialFilterExpression": {"content": "bad"}})",
        R"({"key": {"senderId": 1}, "name": "x", "unique": true, "partialFilterExpression": {"content": "bad"}})"}) {
    SCOPED_TRACE(spec);
    database = std::make_unique<MongoDatabase>();
    store = connect();
    stored({item(0, "conv-1", "first", "bad-not")});
    database->run(R"({"insert": "messages", "documents": [{"senderId": "parent-001", "content": "bad",
                      "senderType": {"type": "Point", "coordinates": [0, 0]}}]})");
    if (spec.find("language_override") != std::string::npos)
      database->run(R"({"delete": "messages", "deletes":
        [{"q": {"content": "bad"}, "limit": 0}]})");
    index("messages", spec);
    const auto outcomes =
        stored({item(1, "conv-1", "a", "good"), item(2, "conv-1", "b", "bad"), item(3, "conv-1", "c", "good")});
    EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored, Kind::refused, Kind::stored}));
    EXPECT_NE(outcomes[1].error.find("(error 1"), std::string::npos) << outcomes[1].error;
  }
}

TEST_F(MongoDbErrors, CollectionsThatDeleteOrCannotHoldMessagesAreRefusedAtTheStart) {
  for (const auto& [collection, options] :
       std::vector<std::pair<std::string, std::string>>{{"messages", R"("capped": true, "size": 4096)"},
                                                        {"dead_letters", R"("capped": true, "size": 4096)"},
                                                        {"messages", R"("viewOn": "others", "pipeline": [])"},
                                                        {"conversations", R"("viewOn": "others", "pipeline": [])"},
                                                        {"messages", R"("timeseries": {"timeField": "sentAt"})"}}) {
    SCOPED_TRACE(collection + " " + options);
    database = std::make_unique<MongoDatabase>();
    create(collection, options);
    store = connect();
    const auto prepared = store->prepare();
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, base::ErrorCode::invalid) << prepared.error().text;
    EXPECT_NE(prepared.error().text.find("the collection " + collection), std::string::npos) << prepared.error().text;
    EXPECT_FALSE(store_of(*store).store(items(0, 1), DeadLetterOrder::pass));
    const auto seen = mongodb::inspect(this->options()).value();
    EXPECT_EQ(seen.problems.size(), 1u);
  }
}

TEST_F(MongoDbErrors, WhatOthersHaveAddedIsHinted) {
  ASSERT_TRUE(store->prepare());
  EXPECT_EQ(mongodb::inspect(options()).value().foreign_rules, std::vector<std::string>());
  index("messages", R"({"key": {"content": 1}, "name": "x", "unique": true})");
  index("messages", R"({"key": {"sentAt": 1}, "name": "y", "expireAfterSeconds": 3600})");
  ASSERT_NE(database->run(R"({"collMod": "messages", "validator": {"content": {"$ne": "forbidden"}}})"), "");
  EXPECT_EQ(mongodb::inspect(options()).value().foreign_rules.size(), 3u);
}

TEST_F(MongoDbErrors, MissingRightsAreRefusedAtTheStartAndSaidWhileRunning) {
  {
    const FailPoint fails(*database, 1, R"("createIndexes")", R"("errorCode": 13)");
    const auto prepared = store->prepare();
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, base::ErrorCode::invalid) << prepared.error().text;
  }
  ASSERT_TRUE(store->prepare());
  {
    const FailPoint fails(*database, 1, R"("insert")", R"("errorCode": 13)");
    const auto refused = store_of(*store).store(items(0, 1), DeadLetterOrder::pass);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable) << "the message waits in the log";
    EXPECT_NE(store->problem(), "");
  }
  EXPECT_EQ(count(stored(items(0, 1)), Kind::stored), 1u);
  EXPECT_EQ(store->problem(), "");
}

TEST_F(MongoDbErrors, WhatPassesIsNoReasonToRefuseTheStart) {
  for (const char* code : {"11600", "50", "14031", "9001"}) {
    const FailPoint fails(*database, 1, R"("createIndexes")", R"("errorCode": )" + std::string(code));
    const auto prepared = store->prepare();
    ASSERT_FALSE(prepared) << code;
    EXPECT_EQ(prepared.error().code, base::ErrorCode::unavailable) << code << " " << prepared.error().text;
  }
  EXPECT_TRUE(store->prepare());
}

TEST_F(MongoDbErrors, AnOpenLetterThatIsNeverTakenHoldsUpNoOther) {
  ASSERT_TRUE(store->prepare());
  create("dead_letters", R"("validator": {"error": {"$ne": "forbidden"}})");
  std::vector<OpenDeadLetter> letters;
  for (std::int64_t offset = 0; offset < 4; ++offset) {
    letters.push_back({.conversation_id = "conv-1",
                       .origin = {0, offset},
                       .last = {0, offset},
                       .temporary_message_id = "k",
                       .reason = DeadReason::invalid,
                       .error = offset == 1 ? "forbidden" : "e",
                       .attempts = 1});
  }
  ASSERT_TRUE(store_of(*store).keep_letters(letters, {}));
  EXPECT_EQ(store->store_reader().open_dead_letters({}).value().size(), 3u);
  ASSERT_TRUE(store_of(*store).keep_letters({}, letters));
  EXPECT_EQ(store->store_reader().open_dead_letters({}).value().size(), 0u);
}

TEST_F(MongoDbErrors, SynchronousWritesSayWhetherTheMessageOrTheServerIsWrong) {
  ASSERT_TRUE(store->prepare());
  ASSERT_NE(database->run(R"({"collMod": "messages", "validator": {"content": {"$ne": "forbidden"}}})"), "");
  EXPECT_EQ(store_of(*store).write(admitted("conv-1", "e", "forbidden")).error().code, base::ErrorCode::invalid);
  const FailPoint fails(*database, 1, R"("insert")", R"("errorCode": 13)");
  EXPECT_EQ(store_of(*store).write(admitted("conv-1", "f", "x")).error().code, base::ErrorCode::unavailable);
}

}  // namespace message_service::contract
