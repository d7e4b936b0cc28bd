#include "adapters/embedded/store/event_source.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/store/embedded_store.h"
#include "adapters/embedded/store/tables.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

class EmbeddedEventSourceTest : public testing::Test {
 protected:
  void store(const std::string& conversation_id, const std::string& content) {
    Batch batch;
    batch.items.push_back({Appended({}, admitted_of(conversation_id, "key of " + content, content)), {}});
    (void)committer.commit(batch).value();
  }
  void put(Table table, const std::string& key, std::string_view row) {
    rocksdb::WriteBatch batch;
    batch.Put(database.table(table), key, rocksdb::Slice(row.data(), row.size()));
    ASSERT_TRUE(database.db().Write({}, &batch).ok());
  }
  // A row of the topic that is no event.
  void put_next(Table topic, std::string_view row) {
    const std::int64_t offset = database.end(topic).next();
    put(topic, number_key(static_cast<std::uint64_t>(offset)), row);
    database.end(topic).advance_to(offset + 1);
  }
  EventSource::Polled poll() {
    return events.poll(10, base::SteadyClock::now(), [](std::string_view) { return true; }).value();
  }
  static std::vector<std::string> contents(const EventSource::Polled& polled) {
    std::vector<std::string> texts;
    for (const Event& event : polled.events) {
      if (const auto* sent = std::get_if<MessageSent>(&event)) texts.push_back(sent->stored.message().content);
    }
    return texts;
  }

  const TemporaryFolder folder;
  const std::unique_ptr<OpenedFolder> opened = OpenedFolder::open(folder.path() / "data", 64 * 1024).value();
  Database& database = opened->store();
  Metrics metrics;
  Damage damage{metrics.unreadable};
  EmbeddedEventSource events{database, damage};
  EmbeddedStore committer{database, damage, LogPlace::here};
};

using Texts = std::vector<std::string>;

TEST_F(EmbeddedEventSourceTest, ASentEventIsNotLostWithADeadLetterThatCannotBeRead) {
  store("conv-1", "Hello");
  put_next(Table::dead, "no record");
  EXPECT_EQ(contents(poll()), Texts{"Hello"});
  EXPECT_TRUE(events.at_end());
  EXPECT_NE(damage.standing(), "");
}

TEST_F(EmbeddedEventSourceTest, AMessageThatCannotBeReadSendsItsConversationToTheStoreAndTheRestGoesOn) {
  store("conv-1", "1");
  store("conv-2", "2");
  store("conv-3", "3");
  put(Table::messages, message_key("conv-2", 1), R"({"conversationId":"conv-2","content":5})");
  const auto polled = poll();
  EXPECT_EQ(contents(polled), (Texts{"1", "3"}));
  EXPECT_EQ(polled.unreadable_in, Texts{"conv-2"});
  EXPECT_FALSE(polled.gap);
  EXPECT_NE(metrics.expose().find("unreadable_total{what=\"events\"} 1"), std::string::npos);
}

TEST_F(EmbeddedEventSourceTest, ARowThatNamesNoMessageIsAGapAndDeliveryGoesOn) {
  for (const std::string_view row : {"", "x", "a row of more than sixteen bytes that is none"}) {
    SCOPED_TRACE(row);
    put_next(Table::sent, row);
    EXPECT_TRUE(poll().gap);
    store("conv-1", "after " + std::string(row));
    const auto polled = poll();
    EXPECT_EQ(contents(polled), Texts{"after " + std::string(row)});
    EXPECT_FALSE(polled.gap);
  }
}

TEST_F(EmbeddedEventSourceTest, AHoleIsAGapAndDeliveryGoesOn) {
  database.end(Table::sent).advance_to(database.end(Table::sent).next() + 3);
  EXPECT_TRUE(poll().gap);
  store("conv-1", "after");
  EXPECT_EQ(contents(poll()), Texts{"after"});
}

}  // namespace
}  // namespace message_service::embedded
