// What the tests of the MongoDB adapter alone share: its store on a database of the test's own, and messages as a
// persister would give them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/mongodb/mongo_store.h"
#include "contract/mongodb_server.h"
#include "support/cpp/temporary_embedded.h"
#include "wire/message_json.h"

namespace message_service::contract {

class MongoDbTest : public testing::Test {
 protected:
  using Items = std::vector<Batch::Item>;
  using Kind = StoreOutcome::Kind;

  void SetUp() override {
    if (mongodb_server() == nullptr) GTEST_SKIP() << "no MongoDB runs; see scripts/mongod.py run";
    database = std::make_unique<MongoDatabase>();
    store = connect();
  }

  mongodb::Options options() const {
    mongodb::Options options = database->options();
    options.log_shape = [this] { return base::Result<mongodb::LogShape>(log); };
    options.split_from_messages = 20;
    // A fail point says that the server is gone, and the watching driver believes it until it next hears otherwise.
    options.heartbeat_interval = std::chrono::milliseconds(500);
    return options;
  }
  std::unique_ptr<mongodb::MongoDb> connect() const { return mongodb::MongoDb::connect(options()).value(); }

  // With the steps of its commit().
  static mongodb::MongoStore& store_of(mongodb::MongoDb& node) {
    return static_cast<mongodb::MongoStore&>(node.store());
  }

  static Admitted admitted(const std::string& conversation, const std::string& key, const std::string& content) {
    return embedded::admitted_of(conversation, key, content);
  }
  static Batch::Item item(std::int64_t offset, const std::string& conversation, const std::string& key,
                          const std::string& content, std::int32_t partition = 0) {
    return {Appended({partition, offset}, admitted(conversation, key, content)), LogRecord{}};
  }
  // `count` messages, spread over the conversations, from an offset on.
  static Items items(std::int64_t first, std::int64_t count, std::int64_t conversations = 7) {
    Items all;
    for (std::int64_t i = first; i < first + count; ++i) {
      all.push_back(item(i, conversation(i % conversations), "key-" + std::to_string(i), "text " + std::to_string(i)));
    }
    return all;
  }
  static std::string conversation(std::int64_t number) { return "conv-" + std::to_string(number); }

  static std::vector<Kind> kinds(const std::vector<StoreOutcome>& outcomes) {
    std::vector<Kind> all;
    for (const StoreOutcome& outcome : outcomes) all.push_back(outcome.kind);
    return all;
  }
  static std::size_t count(const std::vector<StoreOutcome>& outcomes, Kind kind) {
    const auto all = kinds(outcomes);
    return static_cast<std::size_t>(std::ranges::count(all, kind));
  }

  std::vector<StoreOutcome> stored(const Items& items) {
    return store_of(*store).store(items, DeadLetterOrder::pass).value();
  }
  std::vector<StoredRow> rows(const std::string& conversation_id, std::size_t limit = 10'000) {
    return store->store_reader().page(conversation_id, {.after = 0, .limit = limit}).value().rows;
  }
  std::vector<std::string> contents(const std::string& conversation_id) {
    std::vector<std::string> texts;
    for (const StoredRow& row : rows(conversation_id)) {
      texts.push_back(wire::read_stored(row.json).value().message().content);
    }
    return texts;
  }

  mongodb::LogShape log{.log_id = "log-1", .partitions = 1};
  std::unique_ptr<MongoDatabase> database;
  std::unique_ptr<mongodb::MongoDb> store;
};

}  // namespace message_service::contract
