// The version document of a database, and what the nodes agree on in it.
#include <algorithm>
#include <future>
#include <thread>

#include "adapters/mongodb/format.h"
#include "adapters/mongodb/version_register.h"
#include "contract/mongodb_fixture.h"

namespace message_service::contract {

class MongoDbVersions : public MongoDbTest {
 protected:
  static NodeCard node(const std::string& id, int reads) {
    return {.id = id, .name = "machine-" + id, .program = "0.1.0", .roles = "api", .reads = reads, .waits = {"wait"}};
  }
  std::unique_ptr<mongodb::MongoDb> connect_reading(int reads) {
    mongodb::Options reading = options();
    reading.reads_records = reads;
    return mongodb::MongoDb::connect(reading).value();
  }
  std::string set_version(const std::string& fields) {
    return database->run(R"({"update": "format", "updates": [{"q": {"_id": "message-service"}, "u": {"$set": )" +
                         fields + "}}]}");
  }
  bool is_there(const std::string& fragment) {
    return database->run(R"({"find": "format", "filter": {}})").find(fragment) != std::string::npos;
  }
};

TEST_F(MongoDbVersions, ADatabaseWithoutADocumentHasTheFormatOfToday) {
  database->run(R"({"insert": "messages", "documents": [{"_id": 1, "conversationId": "c", "sequence": 1}]})");
  ASSERT_TRUE(store->prepare());
  EXPECT_TRUE(is_there(R"("format" : { "$numberInt" : "1" })")) << database->run(R"({"find": "format"})");
  EXPECT_TRUE(is_there(R"("records" : { "$numberInt" : "1" })"));
  EXPECT_TRUE(is_there(R"("madeBy")"));
}

TEST_F(MongoDbVersions, ADatabaseOfANewerProgramIsRefusedByNameAndLeftAsItIs) {
  ASSERT_TRUE(store->prepare());
  set_version(R"({"format": 2, "madeBy": "9.9.9"})");
  const std::string before = database->run(R"({"find": "format"})");
  const auto refused = connect()->prepare();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  for (const char* part : {"format 2", "9.9.9", "newer program"}) {
    EXPECT_NE(refused.error().text.find(part), std::string::npos) << refused.error().text;
  }
  EXPECT_EQ(store_of(*connect()).store(items(0, 1), DeadLetterOrder::pass).error().code, base::ErrorCode::invalid);
  EXPECT_EQ(database->run(R"({"find": "format"})").substr(0, before.find("operationTime")),
            before.substr(0, before.find("operationTime")));
}

TEST_F(MongoDbVersions, RecordsThatItDoesNotReadAreRefusedAtTheStart) {
  ASSERT_TRUE(store->prepare());
  set_version(R"({"records": 3})");
  const auto refused = connect_reading(1)->prepare();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  EXPECT_NE(refused.error().text.find("records of version 3"), std::string::npos) << refused.error().text;
  EXPECT_TRUE(connect_reading(3)->prepare());
}

TEST_F(MongoDbVersions, ADocumentEditedByHandIsNamed) {
  ASSERT_TRUE(store->prepare());
  for (const char* fields : {R"({"format": "1"})", R"({"format": 1, "records": 1.5})", R"({"format": 0})",
                             R"({"format": 1, "records": -1})"}) {
    set_version(fields);
    const auto refused = connect()->prepare();
    ASSERT_FALSE(refused) << fields;
    EXPECT_EQ(refused.error().code, base::ErrorCode::corrupt) << fields;
    EXPECT_NE(refused.error().text.find("in format"), std::string::npos) << refused.error().text;
  }
}

TEST_F(MongoDbVersions, AVersionIsAllowedWhenEveryNodeThatIsThereReadsIt) {
  VersionRegister& versions = store->versions();
  auto other = connect();
  EXPECT_EQ(versions.sign_of_life(node("a", 2)).value(), 1);
  EXPECT_EQ(other->versions().sign_of_life(node("b", 1)).value(), 1);
  auto allowance = versions.allow(2).value();
  EXPECT_EQ(allowance.version, 1);
  EXPECT_NE(allowance.held_back_by.find("machine-b"), std::string::npos) << allowance.held_back_by;
  EXPECT_EQ(versions.allowed().value(), 1);

  other->versions().leave("b");
  EXPECT_EQ(versions.allow(2).value().version, 2);
  EXPECT_EQ(versions.allowed().value(), 2);
  EXPECT_EQ(connect()->versions().sign_of_life(node("b", 1)).value(), 2) << "and b learns that it is too old";
  EXPECT_EQ(versions.allow(2).value().version, 2) << "what was allowed stays so, whoever comes";
  versions.leave("a");
  EXPECT_EQ(versions.allowed().value(), 2);
}

TEST_F(MongoDbVersions, ANodeThatIsSilentCountsAsGone) {
  VersionRegister& versions = store->versions();
  ASSERT_TRUE(versions.sign_of_life(node("a", 2)));
  ASSERT_TRUE(connect()->versions().sign_of_life(node("b", 1)));
  const auto silent_for = [&](int milliseconds) {
    database->run(
        R"({"update": "nodes", "updates": [{"q": {"_id": "b"}, "u": [{"$set": {"seenAt": {"$subtract": ["$$NOW", )" +
        std::to_string(milliseconds) + "]}}}]}]}");
  };
  silent_for(5000);
  EXPECT_EQ(versions.allow(2).value().version, 1);
  silent_for(11'000);
  EXPECT_EQ(versions.allow(2).value().version, 2);
}

TEST_F(MongoDbVersions, NodesAreListedWithTheirLastSignsOfLife) {
  VersionRegister& versions = store->versions();
  ASSERT_TRUE(versions.sign_of_life(node("a", 2)));
  ASSERT_TRUE(connect()->versions().sign_of_life(node("b", 1)));
  database->run(
      R"({"update": "nodes", "updates": [{"q": {"_id": "b"}, "u": [{"$set": {"seenAt": {"$subtract": ["$$NOW", 60000]}}}]}]})");
  auto nodes = versions.nodes().value();
  std::ranges::sort(nodes, {}, [](const SeenNode& one) { return one.card.id; });
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].card.name, "machine-a");
  EXPECT_EQ(nodes[0].card.reads, 2);
  EXPECT_EQ(nodes[0].card.waits, std::vector<std::string>{"wait"});
  EXPECT_LT(nodes[0].silent_for, std::chrono::seconds(30));
  EXPECT_EQ(nodes[1].card.id, "b");
  EXPECT_GE(nodes[1].silent_for, std::chrono::seconds(60));
  EXPECT_LT(nodes[1].silent_for, std::chrono::seconds(90));
  versions.leave("a");
  EXPECT_EQ(versions.nodes().value().size(), 1u);
}

TEST_F(MongoDbVersions, ANodeThatComesMeanwhileIsNotPassedOver) {
  auto pool = mongodb::Pool::open(options()).value();
  mongodb::FormatDocument format(*pool, options());
  const auto client = pool->take().value();
  const auto seen = format.read_or_make(client).value();
  ASSERT_TRUE(store->versions().sign_of_life(node("b", 1)));
  EXPECT_FALSE(format.raise_records(client, seen, 2).value());
  EXPECT_EQ(format.read_or_make(client).value().records, 1);
  const auto again = format.read_or_make(client).value();
  EXPECT_EQ(format.raise_records(client, again, 2).value()->records, 2);
}

TEST_F(MongoDbVersions, WhatLongGoneNodesLeftBehindGoes) {
  ASSERT_TRUE(connect()->versions().sign_of_life(node("gone", 1)));
  database->run(
      R"({"update": "nodes", "updates": [{"q": {"_id": "gone"}, "u": [{"$set": {"seenAt": {"$subtract": ["$$NOW", 90000000]}}}]}]})");
  ASSERT_TRUE(store->versions().sign_of_life(node("a", 1)));
  const std::string nodes = database->run(R"({"find": "nodes"})");
  EXPECT_EQ(nodes.find("machine-gone"), std::string::npos) << nodes;
  EXPECT_NE(nodes.find("machine-a"), std::string::npos) << nodes;
}

TEST_F(MongoDbVersions, OneHistoryHoweverManyNodesAskForItFirst) {
  ASSERT_TRUE(store->prepare());
  std::vector<std::unique_ptr<mongodb::MongoDb>> nodes;
  for (int i = 0; i < 4; ++i) nodes.push_back(connect());
  std::vector<std::future<std::string>> ids;
  for (const auto& node : nodes) {
    ids.push_back(std::async(std::launch::async, [&node] { return node->store_reader().history_id().value(); }));
  }
  const std::string id = store->store_reader().history_id().value();
  for (auto& other : ids) EXPECT_EQ(other.get(), id);
  EXPECT_EQ(id.size(), 36u);

  ASSERT_TRUE(nodes.front()->stored_places().begin_new_history());
  const std::string later = nodes.front()->store_reader().history_id().value();
  EXPECT_NE(later, id);
  std::this_thread::sleep_for(mongodb::kHistoryKnownFor);
  EXPECT_EQ(store->store_reader().history_id().value(), later);
  set_version(R"({"historyId": 7})");  // edited by hand
  EXPECT_EQ(connect()->store_reader().history_id().value().size(), 36u);
}

TEST_F(MongoDbVersions, NotesOfALogOnlyRiseUnlessItsOffsetsBeginAgain) {
  StoredPlaces& places = store->stored_places();
  EXPECT_TRUE(places.noted("a/log")->empty());
  ASSERT_TRUE(places.note("a/log", {{0, 10}, {11, 20}}, {}));
  ASSERT_TRUE(places.note("a/log", {{0, 5}, {11, 3}}, {11}));
  ASSERT_TRUE(places.note("another/log", {{0, 99}}, {}));
  EXPECT_EQ(places.noted("a/log").value(), (StoredPlaces::ByPartition{{0, 10}, {11, 3}}));
  database->run(
      R"({"update": "log_places", "updates": [{"q": {"_id": "a/log"}, "u": {"$set": {"places": {"x": 1}}}}]})");
  EXPECT_EQ(places.noted("a/log").error().code, base::ErrorCode::corrupt);
}

}  // namespace message_service::contract
