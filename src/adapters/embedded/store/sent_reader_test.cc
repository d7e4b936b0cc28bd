#include "adapters/embedded/store/sent_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/store/embedded_store.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

class SentReaderTest : public testing::Test {
 protected:
  // One write: the messages of one row.
  void store(int count) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      const std::string key = "key-" + std::to_string(stored_++);
      batch.items.push_back({Appended({}, admitted_of("conv-1", key, key)), {}});
    }
    (void)EmbeddedStore(database(), damage_, LogPlace::here).commit(batch).value();
  }
  void remove_row(std::int64_t last) {
    const std::string key = number_key(static_cast<std::uint64_t>(last));
    ASSERT_TRUE(database().db().Delete({}, database().table(Table::sent), key).ok());
  }

  Database& database() { return opened_->store(); }
  SentReader from(std::int64_t offset) { return {database().db(), database().table(Table::sent), offset}; }

  // Sequence n is at offset n - 1 here.
  static std::vector<std::uint64_t> rest_of(SentReader reader) {
    std::vector<std::uint64_t> sequences;
    while (const auto event = reader.next().value()) {
      EXPECT_EQ(event->offset + 1, static_cast<std::int64_t>(event->entry.sequence));
      EXPECT_EQ(event->entry.conversation_id, "conv-1");
      sequences.push_back(event->entry.sequence);
    }
    EXPECT_FALSE(reader.next().value()) << "the end stays the end";
    return sequences;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<OpenedFolder> opened_ = OpenedFolder::open(folder_.path() / "data", std::uint64_t{1} << 20).value();
  Damage damage_;
  int stored_ = 0;
};

using Sequences = std::vector<std::uint64_t>;

TEST_F(SentReaderTest, ReadsOverRowsAndFromTheMiddleOfOne) {
  EXPECT_EQ(rest_of(from(0)), Sequences{});
  store(3);
  store(1);
  store(2);
  EXPECT_EQ(rest_of(from(0)), (Sequences{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(rest_of(from(1)), (Sequences{2, 3, 4, 5, 6}));
  EXPECT_EQ(rest_of(from(3)), (Sequences{4, 5, 6}));
  EXPECT_EQ(rest_of(from(5)), (Sequences{6}));
  EXPECT_EQ(rest_of(from(6)), Sequences{});
}

TEST_F(SentReaderTest, BeginsBehindWhatIsGoneButStepsOverNoHole) {
  store(3);
  store(2);
  store(2);
  remove_row(2);
  EXPECT_EQ(rest_of(from(1)), (Sequences{4, 5, 6, 7}));
  store(1);
  remove_row(6);
  SentReader reader = from(3);
  EXPECT_EQ(reader.next().value()->entry.sequence, 4u);
  EXPECT_EQ(reader.next().value()->entry.sequence, 5u);
  const auto behind_the_hole = reader.next();
  ASSERT_FALSE(behind_the_hole);
  EXPECT_EQ(behind_the_hole.error().code, base::ErrorCode::corrupt);
}

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(SentRow, HoldsTheTraceOfEachEventThatHasOne) {
  SentReferences references;
  references.add("conv-1", 7, "");
  references.add("conv-2", 8, kTrace);
  references.add("conv-3", 9, "");
  const auto entries = decode_sent_row(references.bytes()).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].traceparent, "");
  EXPECT_EQ(entries[1].traceparent, kTrace);
  EXPECT_EQ(entries[1].conversation_id, "conv-2");
  EXPECT_EQ(entries[1].sequence, 8u);
  EXPECT_EQ(entries[2].traceparent, "");
  EXPECT_EQ(entries[2].sequence, 9u);

  const std::string row = encode_sent_message("conv-1", kTrace, "{}");
  const SentEntry with_message = decode_sent_row(row).value().at(0);
  EXPECT_EQ(with_message.sequence, 0u);
  EXPECT_EQ(with_message.traceparent, kTrace);
  EXPECT_EQ(with_message.stored_json, "{}");

  const std::string no_trace = encode_sent_message("conv-1", "no trace", "{}");
  EXPECT_EQ(decode_sent_row(no_trace).value().at(0).traceparent, "");
  EXPECT_EQ(decode_sent_row(no_trace).value().at(0).stored_json, "{}");
}

TEST(SentRow, RefusesWhatIsNoRow) {
  SentReferences references;
  references.add("conv-1", 7, kTrace);
  const std::string whole = references.bytes();
  EXPECT_EQ(decode_sent_row(whole).value().size(), 1u);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto cut = decode_sent_row(std::string_view(whole).substr(0, bytes));
    ASSERT_FALSE(cut) << bytes;
    EXPECT_EQ(cut.error().code, base::ErrorCode::corrupt);
  }
  EXPECT_FALSE(decode_sent_row(encode_sent_message("conv-1", "", "")));
  const std::string with_message = encode_sent_message("conv-1", "", "{}");
  EXPECT_EQ(decode_sent_row(with_message).value().at(0).stored_json, "{}");
}

}  // namespace
}  // namespace message_service::embedded
