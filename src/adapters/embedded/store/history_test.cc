#include "adapters/embedded/store/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/store/embedded_store.h"
#include "adapters/embedded/store/store_reader.h"
#include "observe/metrics.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

class HistoryTest : public testing::Test {
 protected:
  void store(const std::string& conversation_id, int from, int to, std::size_t padding = 0) {
    Batch batch;
    for (int i = from; i <= to; ++i) {
      const std::string text = std::to_string(i) + std::string(padding, 'x');
      batch.items.push_back({Appended({}, admitted_of(conversation_id, "key-" + std::to_string(i), text)), {}});
    }
    ASSERT_EQ(EmbeddedStore(database, damage, LogPlace::here).commit(batch).value().stored.size(), batch.items.size());
  }
  void put(const std::string& conversation_id, std::uint64_t sequence, const std::string& row) {
    rocksdb::WriteBatch batch;
    batch.Put(database.table(Table::messages), message_key(conversation_id, sequence), row);
    ASSERT_TRUE(database.db().Write({}, &batch).ok());
  }
  std::string row(const std::string& conversation_id, std::uint64_t sequence) {
    return *database.get(Table::messages, message_key(conversation_id, sequence)).value();
  }

  using Sequences = std::vector<std::uint64_t>;
  Sequences walked(bool forward, std::size_t limit) {
    Sequences sequences;
    PageQuery query{.limit = limit};
    if (forward) query.after = 0;
    for (int pages = 0; pages < 10'000; ++pages) {
      const Page page = reader.page("conv-1", query).value();
      Sequences part;
      for (const StoredRow& row : page.rows) part.push_back(row.sequence);
      sequences.insert(forward ? sequences.end() : sequences.begin(), part.begin(), part.end());
      if (!page.has_more) return sequences;
      if (page.rows.empty()) break;
      forward ? query.after = part.back() : query.before = part.front();
    }
    ADD_FAILURE() << "a reader would never come to the end";
    return sequences;
  }
  void expect_walks(const Sequences& sequences) {
    for (const std::size_t limit : {1, 2, 3, 50}) {
      EXPECT_EQ(walked(true, limit), sequences) << "forward by " << limit;
      EXPECT_EQ(walked(false, limit), sequences) << "backward by " << limit;
    }
  }

  TemporaryFolder folder;
  Metrics metrics;
  Damage damage{metrics.unreadable};
  std::unique_ptr<OpenedFolder> opened = OpenedFolder::open(folder.path() / "data", std::uint64_t{1} << 20).value();
  Database& database = opened->store();
  EmbeddedStoreReader reader{database, damage};
};

TEST_F(HistoryTest, ARowThatIsNoMessageIsLeftOutAndNamedWhenAskedFor) {
  store("conv-0", 1, 2);
  store("conv-1", 1, 5);
  store("conv-2", 1, 2);
  const std::string whole = row("conv-1", 3);
  const auto without = [&](const std::string& part, const std::string& instead) {
    std::string changed = whole;
    EXPECT_NE(changed.find(part), std::string::npos) << part;
    return changed.replace(changed.find(part), part.size(), instead);
  };
  for (const auto& [damaged, field] : std::vector<std::pair<std::string, std::string>>{
           {"", "JSON"},
           {"no JSON", "JSON"},
           {whole + "}", "JSON"},
           {"[]", "object"},
           {"{}", "conversationId"},
           {without(R"("content":"3")", R"("content":3)"), "content"},
           {without(R"("senderId")", R"("sender")"), "senderId"},
           {without(R"("sequence":3)", R"("sequence":-3)"), "sequence"},
           {without(R"("sequence":3)", R"("sequence":4)"), "sequence"},
           {without(R"("sentAt":"2)", R"("sentAt":"x)"), "sentAt"},
           {without(R"("conversationId":"conv-1")", R"("conversationId":"conv-2")"), "conversationId"},
           {without(R"("content":"3")", "\"content\":\"\xff\""), "JSON"}}) {
    SCOPED_TRACE(damaged);
    put("conv-1", 3, damaged);
    expect_walks({1, 2, 4, 5});
    const auto asked = reader.find_message("conv-1", derive_message_id("conv-1", "key-3"));
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, base::ErrorCode::corrupt);
    EXPECT_NE(asked.error().text.find(field), std::string::npos) << asked.error().text;
    EXPECT_NE(asked.error().text.find("\"conv-1\", sequence 3"), std::string::npos) << asked.error().text;
    EXPECT_EQ(reader.find_by_temporary_id("conv-1", "key-3").error().code, base::ErrorCode::corrupt);
  }
  put("conv-1", 3, whole);
  expect_walks({1, 2, 3, 4, 5});
  EXPECT_EQ(metrics.expose().find("unreadable_total{what=\"messages\"} 0"), std::string::npos);
}

TEST_F(HistoryTest, NothingButDamagedRowsIsAnEmptyHistory) {
  store("conv-1", 1, 3);
  for (const std::uint64_t sequence : {1, 2, 3}) put("conv-1", sequence, "no JSON");
  expect_walks({});
}

// The rows of one block are lost together; the history returns the rows before and after the block.
TEST_F(HistoryTest, ADamagedBlockIsSteppedOver) {
  store("conv-0", 1, 200, 200);
  store("conv-1", 1, 200, 200);
  store("conv-2", 1, 200, 200);
  ASSERT_TRUE(database.db().Flush({}, database.table(Table::messages)).ok());
  store("conv-1", 201, 205);
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db().GetLiveFilesMetaData(&files);
  const std::string marker = "100" + std::string(50, 'x');
  int damaged = 0;
  for (const auto& file : files) {
    if (file.column_family_name != "messages") continue;
    const std::string path = file.db_path + file.name;
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t at = bytes.find(marker); at != std::string::npos; at = bytes.find(marker, at + 1)) {
      if (bytes.substr(0, at).rfind("conv-1") < bytes.substr(0, at).rfind("conv-0") ||
          bytes.substr(0, at).rfind("\"conversationId\":\"conv-1\"") !=
              bytes.substr(0, at).rfind("\"conversationId\"")) {
        continue;
      }
      std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
      out.seekp(static_cast<std::streamoff>(at));
      out.put('y');
      ++damaged;
    }
  }
  ASSERT_EQ(damaged, 1);
  const Sequences forward = walked(true, 7);
  const Sequences backward = walked(false, 7);
  Sequences different;
  std::ranges::set_symmetric_difference(forward, backward, std::back_inserter(different));
  EXPECT_EQ(different, Sequences{});
  EXPECT_GT(forward.size(), 150u);
  EXPECT_LT(forward.size(), 205u);
  EXPECT_EQ(forward.front(), 1u);
  EXPECT_EQ(forward.back(), 205u);
  EXPECT_EQ(std::ranges::find(forward, 100u), forward.end());
  EXPECT_TRUE(std::ranges::is_sorted(forward));
  EXPECT_NE(metrics.expose().find("unreadable_total{what=\"messages\"}"), std::string::npos);
  EXPECT_NE(damage.standing(), "");
}

// A repetition of a message that cannot be read: nobody can tell whether it is the same one.
TEST_F(HistoryTest, AMessageWhoseKeyLeadsToADamagedRowIsADeadLetterAndTheRestIsStored) {
  store("conv-1", 1, 3);
  put("conv-1", 2, "no JSON");
  for (const DeadLetterOrder order : {DeadLetterOrder::pass, DeadLetterOrder::park}) {
    Batch batch{.order = order};
    const int first = order == DeadLetterOrder::pass ? 10 : 20;
    batch.items.push_back({Appended({}, admitted_of("conv-1", "key-2", "2")), {}});
    batch.items.push_back({Appended({}, admitted_of("conv-1", "key-" + std::to_string(first), "new")), {}});
    batch.items.push_back({Appended({}, admitted_of("conv-2", "key-" + std::to_string(first), "new")), {}});
    const auto committed = EmbeddedStore(database, damage, LogPlace::here).commit(batch).value();
    ASSERT_FALSE(committed.dead_letters.empty());
    EXPECT_EQ(committed.dead_letters[0].reason, DeadReason::store_refused);
    EXPECT_NE(committed.dead_letters[0].error.find("sequence 2"), std::string::npos) << committed.dead_letters[0].error;
    EXPECT_EQ(committed.stored.size(), order == DeadLetterOrder::pass ? 2u : 1u);
    EXPECT_EQ(committed.dead_letters.size(), order == DeadLetterOrder::pass ? 1u : 2u);
  }
}

}  // namespace
}  // namespace message_service::embedded
