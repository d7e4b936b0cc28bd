#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <utility>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/readers.h"
#include "adapters/embedded/store_writers.h"
#include "adapters/embedded/tables.h"
#include "adapters/embedded/temporary_embedded.h"

namespace message_service::embedded {
namespace {

void put_dead(Database& database, std::int64_t offset, std::string_view row) {
  rocksdb::WriteBatch batch;
  batch.Put(database.table(Table::dead), number_key(static_cast<std::uint64_t>(offset)),
            rocksdb::Slice(row.data(), row.size()));
  (void)database.write(batch, Database::Durability::soon).value();
}

TEST(EmbeddedEventSource, ASentEventIsNotLostWithADeadLetterThatCannotBeRead) {
  const TemporaryFolder folder;
  const std::unique_ptr<Database> database = Database::open(folder.path() / "data", 64 * 1024).value();
  EmbeddedEventSource events(*database);
  EmbeddedBatchCommitter committer(*database);
  Batch batch;
  batch.items.push_back({Appended({}, admitted_of("conv-1", "key-1", "Hello")), {}});
  (void)committer.commit(batch).value();
  const std::int64_t dead = database->end(Table::dead).next();
  put_dead(*database, dead, "no record");
  database->end(Table::dead).advance_to(dead + 1);

  const auto all = [](std::string_view) { return true; };
  EXPECT_EQ(events.poll(10, SteadyClock::now(), all).error().code, ErrorCode::corrupt);
  put_dead(*database, dead, encode_record({}));
  const auto polled = events.poll(10, SteadyClock::now(), all).value();
  ASSERT_EQ(polled.events.size(), 1u);
  EXPECT_EQ(std::get<MessageSent>(polled.events[0]).stored.message().content, "Hello");
}

}  // namespace
}  // namespace message_service::embedded
