// What people and other programs do to the documents: each that cannot be read is named and left out, and nobody waits
// for it, neither readers nor the persister.
#include "base/hex.h"
#include "contract/mongodb_fixture.h"
#include "observe/metrics.h"

namespace message_service::contract {

class MongoDbDamage : public MongoDbTest {
 protected:
  void SetUp() override {
    MongoDbTest::SetUp();
    if (IsSkipped()) return;
    five = stored({item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "2"), item(2, "conv-1", "c", "3"),
                   item(3, "conv-1", "d", "4"), item(4, "conv-1", "e", "5")});
  }
  std::string id_of(std::size_t index) const { return base::to_hex(five.at(index).stored->id()); }
  std::string named(std::size_t index) const { return R"({"_id": {"$oid": ")" + id_of(index) + R"("}})"; }

  void change(const std::string& collection, const std::string& query, const std::string& update) {
    const std::string done = database->run(R"({"update": ")" + collection + R"(", "updates": [{"q": )" + query +
                                           R"(, "u": )" + update + R"(, "upsert": true}]})");
    ASSERT_NE(done.find(R"("ok" : { "$numberDouble" : "1.0" })"), std::string::npos) << done;
    ASSERT_EQ(done.find("writeErrors"), std::string::npos) << done;
  }
  void insert(const std::string& collection, const std::string& document) {
    const std::string done = database->run(R"({"insert": ")" + collection + R"(", "documents": [)" + document + "]}");
    ASSERT_EQ(done.find("writeErrors"), std::string::npos) << done;
  }

  // By following `after`, and by following `before`, with pages of every size.
  std::vector<std::string> walked(bool forward, std::size_t limit) {
    std::vector<std::string> texts;
    PageQuery query{.limit = limit};
    if (forward) query.after = 0;
    for (int pages = 0; pages < 50; ++pages) {
      const Page page = store->store_reader().page("conv-1", query).value();
      EXPECT_LE(page.rows.size(), limit);
      std::vector<std::string> part;
      for (const StoredRow& row : page.rows) part.push_back(wire::read_stored(row.json).value().message().content);
      texts.insert(forward ? texts.end() : texts.begin(), part.begin(), part.end());
      if (!page.has_more) return texts;
      if (page.rows.empty()) break;
      forward ? query.after = page.rows.back().sequence : query.before = page.rows.front().sequence;
    }
    ADD_FAILURE() << "a reader would never come to the end";
    return texts;
  }
  void expect_walks(const std::vector<std::string>& texts) {
    for (const std::size_t limit : {1, 2, 3, 50}) {
      EXPECT_EQ(walked(true, limit), texts) << "forward by " << limit;
      EXPECT_EQ(walked(false, limit), texts) << "backward by " << limit;
    }
  }

  std::vector<StoreOutcome> five;
};

TEST_F(MongoDbDamage, AnEditedDocumentIsLeftOutOfPagesAndNamedWhenAskedFor) {
  const std::string whole = database->run(R"({"find": "messages", "filter": )" + named(2) + "}");
  const std::size_t begin = whole.find("{ \"_id\"");
  const std::string document = whole.substr(begin, whole.find("} ]", begin) + 1 - begin);
  for (const auto& [update, field] : std::vector<std::pair<std::string, std::string>>{
           {R"({"$set": {"content": 5}})", "content"},
           {R"({"$set": {"content": null}})", "content"},
           {R"({"$unset": {"senderId": 1}})", "senderId"},
           {R"({"$set": {"senderType": ["Parent"]}})", "senderType"},
           {R"({"$set": {"temporaryMessageId": "another"}})", "_id"},
           {R"({"$unset": {"persistedAt": 1}})", "persistedAt"},
           {R"({"$set": {"sentAt": "yesterday"}})", "sentAt"},
           {R"({"$set": {"sentAt": {"$date": {"$numberLong": "-62167219200001"}}}})", "sentAt"},
           {R"({"$set": {"sentAt": {"$date": {"$numberLong": "9223372036854775807"}}}})", "sentAt"},
           {R"({"$set": {"sequence": {"$numberDouble": "2.5"}}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberDecimal": "3"}}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberDouble": "NaN"}}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberDouble": "Infinity"}}})", "sequence"},
           {R"({"$set": {"sequence": "3"}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberLong": "-3"}}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberLong": "0"}}})", "sequence"},
           {R"({"$set": {"sequence": {"$numberLong": "9223372036854775807"}}})", "sequence"},
           {R"({"$unset": {"sequence": 1}})", "sequence"},
           {R"({"$set": {"conversationId": "conv-2"}})", "_id"}}) {
    SCOPED_TRACE(update);
    change("messages", named(2), update);
    expect_walks({"1", "2", "4", "5"});
    const auto asked = store->store_reader().find_message("conv-1", five[2].stored->id());
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, base::ErrorCode::corrupt);
    EXPECT_NE(asked.error().text.find("field " + field), std::string::npos) << asked.error().text;
    EXPECT_NE(asked.error().text.find(id_of(2) + " in messages"), std::string::npos) << asked.error().text;
    EXPECT_TRUE(store->store_reader().page("conv-2", {}).value().rows.empty());
    change("messages", named(2), document);
  }
  expect_walks({"1", "2", "3", "4", "5"});
}

TEST_F(MongoDbDamage, WhatNobodyMissesMayBeAnything) {
  change("messages", named(2), R"({"$set": {"traceparent": 7, "status": [], "extra": {"a": 1}}})");
  change("messages", named(3), R"({"$set": {"sequence": {"$numberDouble": "4"}, "traceparent": "ÿ"}})");
  expect_walks({"1", "2", "3", "4", "5"});
}

TEST_F(MongoDbDamage, TheEndOfAConversationIsItsLastReadableMessage) {
  EXPECT_EQ(store->store_reader().last_sequence("conv-1").value(), 5u);
  change("messages", named(4), R"({"$unset": {"content": 1}})");
  EXPECT_EQ(store->store_reader().last_sequence("conv-1").value(), 4u);
  insert("messages", R"({"conversationId": "conv-1", "sequence": "text"})");
  insert("messages", R"({"conversationId": "conv-1", "sequence": {"$numberLong": "9007199254740990"}})");
  insert("messages", R"({"conversationId": "conv-1", "sequence": {"$numberDouble": "1e300"}})");
  EXPECT_EQ(store->store_reader().last_sequence("conv-1").value(), 4u) << "a client would wait for what lies above it";
  expect_walks({"1", "2", "3", "4"});
}

TEST_F(MongoDbDamage, ManyForeignDocumentsBetweenTwoMessagesHideNothing) {
  std::string documents;
  for (int i = 0; i < 300; ++i) {
    documents += documents.empty() ? "" : ",";
    documents += R"({"conversationId": "conv-1", "sequence": {"$numberDouble": ")" + std::to_string(2.001 + i / 1000.) +
                 R"("}, "content": "no"})";
  }
  insert("messages", documents);
  expect_walks({"1", "2", "3", "4", "5"});
}

TEST_F(MongoDbDamage, OfTwoMessagesWithOneSequenceOneIsShown) {
  change("messages", named(3), R"({"$set": {"sequence": {"$numberLong": "3"}}})");
  EXPECT_EQ(walked(true, 50).size(), 4u);
  EXPECT_EQ(walked(false, 50).size(), 4u);
  EXPECT_EQ(walked(true, 1).size(), 4u);
}

TEST_F(MongoDbDamage, EachIsCountedAndNamedOnce) {
  Metrics metrics;
  mongodb::Options counted = options();
  counted.damage = std::make_shared<Damage>(metrics.unreadable);
  store = mongodb::MongoDb::connect(counted).value();
  change("messages", named(2), R"({"$set": {"content": 5}})");
  EXPECT_EQ(rows("conv-1").size(), 4u);
  EXPECT_NE(metrics.expose().find("message_service_unreadable_total{what=\"messages\"} 1"), std::string::npos);
  EXPECT_NE(counted.damage->standing(), "");
}

// A replay that meets one: nobody can tell whether it is the same message.
TEST_F(MongoDbDamage, AMessageWhoseIdIsTakenByOneIsPutAsideAndTheRestIsStored) {
  change("messages", named(1), R"({"$unset": {"content": 1}})");
  const auto outcomes = stored({item(0, "conv-1", "a", "1"), item(1, "conv-1", "b", "2"), item(2, "conv-1", "c", "3"),
                                item(5, "conv-1", "f", "6")});
  EXPECT_EQ(kinds(outcomes), (std::vector{Kind::stored_again, Kind::refused, Kind::stored_again, Kind::stored}));
  EXPECT_NE(outcomes[1].error.find("content"), std::string::npos) << outcomes[1].error;
}

TEST_F(MongoDbDamage, ADamagedConversationIsNamedAndItsMessagesGoOn) {
  ASSERT_TRUE(store_of(*store).create_conversation({.id = "conv-1", .title = "t", .participants = {{"p", "x"}}}));
  for (const auto& [update, field] : std::vector<std::pair<std::string, std::string>>{
           {R"({"$unset": {"title": 1}})", "title"},
           {R"({"title": "t", "participants": "none", "createdAt": {"$date": {"$numberLong": "0"}}})", "participants"},
           {R"({"title": "t", "participants": [{"id": 5}], "createdAt": {"$date": {"$numberLong": "0"}}})", "id"},
           {R"({"title": "t", "participants": [], "createdAt": 0})", "createdAt"}}) {
    change("conversations", R"({"_id": "conv-1"})", update);
    const auto found = store->store_reader().find_conversation("conv-1");
    ASSERT_FALSE(found) << update;
    EXPECT_EQ(found.error().code, base::ErrorCode::corrupt);
    EXPECT_NE(found.error().text.find(field), std::string::npos) << found.error().text;
    expect_walks({"1", "2", "3", "4", "5"});
  }
}

TEST_F(MongoDbDamage, ADamagedOpenLetterHidesNoOther) {
  std::vector<OpenDeadLetter> letters;
  for (std::int64_t offset = 0; offset < 5; ++offset) {
    letters.push_back({.conversation_id = "conv-1",
                       .origin = {0, offset},
                       .last = {0, offset},
                       .temporary_message_id = "k",
                       .reason = DeadReason::invalid,
                       .error = "e",
                       .attempts = 1});
  }
  ASSERT_TRUE(store_of(*store).keep_letters(letters, {}));
  change("dead_letters", R"({"id": "0/2"})", R"({"$set": {"reason": "because"}})");
  change("dead_letters", R"({"id": "0/3"})", R"({"$set": {"attempts": -5}})");
  insert("dead_letters", R"({"_id": "mine"})");
  std::vector<std::int64_t> offsets;
  OpenDeadLetterQuery query{.limit = 2};
  while (true) {
    const auto page = store->store_reader().open_dead_letters(query).value();
    for (const OpenDeadLetter& letter : page) offsets.push_back(letter.origin.offset);
    if (page.size() < query.limit) break;
    query.after = page.back().key();
  }
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 1, 4}));
}

// Its sequences may lie anywhere: what comes later lies above all that it could have given.
TEST_F(MongoDbDamage, AnEpochThatCannotBeReadIsFollowedByAnother) {
  std::uint64_t highest = 5;
  std::int64_t offset = 10;
  for (const std::string update : {R"({"$set": {"kind": "log "}})", R"({"$unset": {"logId": 1}})",
                                   R"({"$set": {"partitionsEnd": 0}})", R"({"$set": {"seenEnds": "none"}})",
                                   R"({"$set": {"seenEnds": [-4]}})", R"({"$set": {"partitionsBegin": 0.5}})"}) {
    SCOPED_TRACE(update);
    const std::string newest = R"({"_id": )" + std::to_string(highest >> 44) + "}";
    change("log_epochs", newest, update);
    store = connect();
    const auto outcomes = stored({item(offset, "conv-1", "key " + std::to_string(offset), "x")});
    ++offset;
    EXPECT_GT(outcomes.at(0).stored->sequence(), highest);
    highest = outcomes.at(0).stored->sequence();
    EXPECT_EQ(stored({item(offset, "conv-1", "key " + std::to_string(offset), "x")}).at(0).stored->sequence(),
              highest + 1)
        << "it begins once";
    highest = stored({item(offset, "conv-1", "key " + std::to_string(offset), "x")}).at(0).stored->sequence();
    ++offset;
  }
}

TEST_F(MongoDbDamage, AForeignEpochIsLeftOut) {
  insert("log_epochs", R"({"_id": "mine"})");
  insert("log_epochs", R"({"_id": -4, "kind": "log"})");
  insert("log_epochs", R"({"_id": 100000, "kind": "synchronous"})");
  store = connect();
  EXPECT_EQ(stored({item(9, "conv-1", "f", "6")}).at(0).stored->sequence(), 10u);
}

TEST_F(MongoDbDamage, ACounterOfSynchronousWritesThatIsNoNumberIsNamed) {
  ASSERT_TRUE(store_of(*store).write(admitted("conv-2", "s", "s")));
  change("sequences", R"({"_id": "conv-2"})", R"({"$set": {"last": "seven"}})");
  const auto refused = store_of(*store).write(admitted("conv-2", "t", "t"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::corrupt) << refused.error().text;
  EXPECT_NE(refused.error().text.find("field last"), std::string::npos) << refused.error().text;
  EXPECT_TRUE(store_of(*store).write(admitted("conv-3", "t", "t")));
}

}  // namespace message_service::contract
