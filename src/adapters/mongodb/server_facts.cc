#include "adapters/mongodb/server_facts.h"

#include "adapters/mongodb/bson.h"

namespace message_service::mongodb {

namespace {

constexpr int kOldestWireVersion = 9;  // MongoDB 4.4

// The primary's answer to a command of one word.
base::Result<void> ask(const Pool::Client& client, const Pool& pool, std::string_view word, Document& answer) {
  const Document command([&](Writer& out) { out.small_number(word, 1); });
  bson_error_t error{};
  const bool done =
      mongoc_client_command_simple(client.get(), "admin", command.get(), nullptr, answer.for_reply(), &error);
  if (!done) return pool.failed("answer " + std::string(word), error);
  return {};
}

std::string text_in(const bson_t* answer, const char* name) {
  bson_iter_t at;
  return bson_iter_init_find(&at, answer, name) && BSON_ITER_HOLDS_UTF8(&at) ? bson_iter_utf8(&at, nullptr) : "";
}

int count_in(const bson_t* answer, const char* name) {
  bson_iter_t at;
  bson_iter_t item;
  if (!bson_iter_init_find(&at, answer, name) || !bson_iter_recurse(&at, &item)) return 0;
  int count = 0;
  while (bson_iter_next(&item)) ++count;
  return count;
}

bool knows_replica_set(const Pool::Client& client) {
  bson_error_t error{};
  mongoc_server_description_t* server = mongoc_client_select_server(client.get(), true, nullptr, &error);
  if (server == nullptr) return false;
  const std::string type = mongoc_server_description_type(server);
  mongoc_server_description_destroy(server);
  return type == "RSPrimary" && mongoc_uri_get_replica_set(mongoc_client_get_uri(client.get())) != nullptr;
}

}  // namespace

base::Result<ServerFacts> ask_primary(const Pool::Client& client, const Pool& pool) {
  Document hello;
  Document build;
  const base::Timestamp before = base::wall_now();
  if (auto asked = ask(client, pool, "hello", hello); !asked) return asked.error();
  const base::Timestamp after = base::wall_now();
  if (auto asked = ask(client, pool, "buildInfo", build); !asked) return asked.error();

  ServerFacts facts{.version = text_in(build.get(), "version"), .replica_set = text_in(hello.get(), "setName")};
  facts.router = text_in(hello.get(), "msg") == "isdbgrid";
  facts.members = count_in(hello.get(), "hosts") + count_in(hello.get(), "passives");
  facts.follows_primary = facts.router || knows_replica_set(client);
  bson_iter_t at;
  if (bson_iter_init_find(&at, hello.get(), "maxWireVersion")) {
    facts.wire_version = static_cast<int>(bson_iter_as_int64(&at));
  }
  if (bson_iter_init_find(&at, hello.get(), "localTime") && BSON_ITER_HOLDS_DATE_TIME(&at)) {
    facts.clock_skew_ms = bson_iter_date_time(&at) - (before + after) / 2;
  }
  return facts;
}

std::string names_one_member(const ServerFacts& facts) {
  return "the MongoDB connection string names a member of replica set " + facts.replica_set +
         " without replicaSet=" + facts.replica_set +
         ": when another member becomes the primary, nothing can be stored";
}

base::Result<void> check(const ServerFacts& facts) {
  if (facts.wire_version < kOldestWireVersion) {
    return base::Error{base::ErrorCode::invalid, "MongoDB " + facts.version + " is too old; 4.4 or later is needed"};
  }
  if (facts.replica_set.empty() && !facts.router) {
    return base::Error{
        base::ErrorCode::invalid,
        "the MongoDB server is a standalone one, which has neither majority reads nor transactions. Start it "
        "with --replSet and initiate the set; one member is enough"};
  }
  return {};
}

}  // namespace message_service::mongodb
