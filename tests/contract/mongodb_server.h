// The real MongoDB that ctest has started (scripts/mongod.py run), and a database of a test's own on it.
#pragma once

#include <gtest/gtest.h>
#include <mongoc/mongoc.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "adapters/mongodb/mongodb.h"

namespace message_service::contract {

// Null where none runs; such tests are then left out.
inline const char* mongodb_server() { return std::getenv("MESSAGE_SERVICE_MONGODB"); }

// Dropped when the test ends.
class MongoDatabase {
 public:
  MongoDatabase() {
    mongoc_init();  // counts for nothing when the adapter was first
    static std::atomic<int> next{0};
    name_ = "test-" + std::to_string(getpid()) + "-" + std::to_string(next++);
    client_.reset(mongoc_client_new(mongodb_server()));
    if (!client_) throw std::runtime_error("MESSAGE_SERVICE_MONGODB is no connection string");
    mongoc_client_set_error_api(client_.get(), MONGOC_ERROR_API_VERSION_2);
  }
  ~MongoDatabase() { (void)command(name_, R"({"dropDatabase": 1})"); }
  MongoDatabase(const MongoDatabase&) = delete;
  MongoDatabase& operator=(const MongoDatabase&) = delete;

  const std::string& name() const { return name_; }

  mongodb::Options options() const {
    mongodb::Options options;
    options.connection_string = mongodb_server();
    options.database_name = name_;
    return options;
  }

  // Runs a command given as JSON; gives the answer as JSON, or "" when it failed.
  std::string run(const std::string& json) { return command(name_, json); }
  std::string admin(const std::string& json) { return command("admin", json); }

 private:
  struct ClientOfDriver {
    void operator()(mongoc_client_t* client) const { mongoc_client_destroy(client); }
  };

  std::string command(const std::string& database, const std::string& json) {
    bson_error_t error{};
    bson_t* document = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                          static_cast<ssize_t>(json.size()), &error);
    if (document == nullptr) throw std::runtime_error(json + ": " + error.message);
    bson_t reply;
    const bool done = mongoc_client_command_simple(client_.get(), database.c_str(), document, nullptr, &reply, &error);
    char* text = bson_as_canonical_extended_json(&reply, nullptr);
    std::string answer = done ? text : "";
    bson_free(text);
    bson_destroy(&reply);
    bson_destroy(document);
    return answer;
  }

  std::string name_;
  std::unique_ptr<mongoc_client_t, ClientOfDriver> client_;
};

// The next `times` commands of these names fail as `data` says; those of the adapter only.
class FailPoint {
 public:
  FailPoint(MongoDatabase& database, int times, const std::string& commands, const std::string& data)
      : database_(database) {
    const std::string done = database_.admin(
        R"({"configureFailPoint": "failCommand", "mode": {"times": )" + std::to_string(times) +
        R"(}, "data": {"appName": "message-service", "failCommands": [)" + commands + "], " + data + "}}");
    if (done.empty()) throw std::runtime_error("mongod was not started with enableTestCommands");
  }
  ~FailPoint() { database_.admin(R"({"configureFailPoint": "failCommand", "mode": "off"})"); }
  FailPoint(const FailPoint&) = delete;
  FailPoint& operator=(const FailPoint&) = delete;

 private:
  MongoDatabase& database_;
};

}  // namespace message_service::contract
