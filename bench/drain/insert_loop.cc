#include "bench/drain/insert_loop.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/handles.h"

namespace message_service::bench {

using namespace mongodb;

namespace {

constexpr std::string_view kCollection = "bare_inserts";

base::Result<void> make_collection(const Pool::Client& client, const Pool& pool) {
  const Collection collection(mongoc_client_get_collection(client.get(), pool.database(), kCollection.data()));
  bson_error_t error{};
  mongoc_collection_drop(collection.get(), nullptr);
  const Document command([](Writer& out) {
    out.text("createIndexes", kCollection);
    out.array("indexes", [](Writer& list) {
      list.document("0", [](Writer& index) {
        index.text("name", "conversationId_1_sequence_1");
        index.document("key", [](Writer& key) { key.small_number("conversationId", 1).small_number("sequence", 1); });
      });
    });
  });
  const bool done =
      mongoc_client_write_command_with_opts(client.get(), pool.database(), command.get(), nullptr, nullptr, &error);
  if (!done) return unavailable("make the index", error);
  return {};
}

void write_document(Writer& out, std::size_t number, const InsertLoop& loop, const std::string& content) {
  ObjectIdBytes id;
  bson_oid_t made;
  bson_oid_init(&made, nullptr);
  std::copy_n(made.bytes, id.size(), id.begin());
  const std::string key = "0190a3c1-7e5b-7000-8000-" + std::to_string(100'000'000'000 + number);
  const base::Timestamp now = base::wall_now();
  out.object_id("_id", id)
      .text("temporaryMessageId", key)
      .text("conversationId", "conversation-" + std::to_string(number % loop.conversations))
      .number("sequence", static_cast<std::int64_t>(number + 1))
      .text("senderId", "parent-001")
      .text("senderType", "Parent")
      .text("content", content)
      .text("status", "Sent")
      .date("sentAt", now)
      .date("persistedAt", now)
      .text("correlationId", key);
}

// Inserts the batches of one thread.
base::Result<void> insert(const InsertLoop& loop, Pool& pool, std::size_t thread) {
  auto client = pool.take();
  if (!client) return client.error();
  const Collection collection(mongoc_client_get_collection(client->get(), pool.database(), kCollection.data()));
  const Document options([](Writer& out) { write_concern(out, std::chrono::seconds(10)); });
  const std::string content(loop.content_bytes, 'x');
  for (std::size_t first = thread * loop.batch; first < loop.messages; first += loop.threads * loop.batch) {
    const Bulk bulk(mongoc_collection_create_bulk_operation_with_opts(collection.get(), options.get()));
    for (std::size_t i = first; i < std::min(first + loop.batch, loop.messages); ++i) {
      const Document document([&](Writer& out) { write_document(out, i, loop, content); });
      mongoc_bulk_operation_insert(bulk.get(), document.get());
    }
    bson_error_t error{};
    if (mongoc_bulk_operation_execute(bulk.get(), nullptr, &error) == 0) return unavailable("insert", error);
  }
  return {};
}

}  // namespace

base::Result<double> InsertLoop::run() const {
  auto pool = Pool::open({.connection_string = connection_string, .database_name = database_name});
  if (!pool) return pool.error();
  {
    auto client = (*pool)->take();
    if (!client) return client.error();
    if (auto made = make_collection(*client, **pool); !made) return made.error();
  }
  std::vector<base::Result<void>> results(threads);
  std::vector<std::thread> running;
  const base::SteadyTime started = base::SteadyClock::now();
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] { results[thread] = insert(*this, **pool, thread); });
  }
  for (std::thread& thread : running) thread.join();
  const double seconds = base::seconds_between(started, base::SteadyClock::now());
  for (const auto& result : results) {
    if (!result) return result.error();
  }
  auto client = (*pool)->take();
  if (!client) return client.error();
  const Collection collection(mongoc_client_get_collection(client->get(), (*pool)->database(), kCollection.data()));
  mongoc_collection_drop(collection.get(), nullptr);
  return static_cast<double>(messages) / seconds;
}

}  // namespace message_service::bench
