#include "pipeline/persist/sorting.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "adapters/embedded/temporary_embedded.h"

namespace message_service {
namespace {

using embedded::requested;

class SortingTest : public testing::Test {
 protected:
  SortingTest() { adapter.create_conversation("conv-1"); }

  // The place of a record is its number.
  Result<void> sort(LogRecord record) {
    return sort(ConsumedRecord{{.partition = 0, .offset = next_offset++}, std::move(record)});
  }
  Result<void> sort(ConsumedRecord consumed) {
    return Sorting(Limits{}, conversations, adapter->store_reader(), letters).sort_into(batch, consumed);
  }

  static std::shared_ptr<const Admitted> admitted(std::string conversation, std::string key, std::string content) {
    return std::make_shared<const Admitted>(
        embedded::admitted_of(std::move(conversation), std::move(key), std::move(content)));
  }

  const DeadLetter& only_letter() {
    EXPECT_EQ(batch.dead_letters.size(), 1u);
    EXPECT_TRUE(batch.items.empty());
    return batch.dead_letters.at(0);
  }

  embedded::TemporaryEmbedded adapter;
  ConversationDirectory conversations{adapter->store_reader(), [](const auto&) { return false; }, {}};
  OpenLetters letters{adapter->open_letters(), DeadLetterOrder::pass};
  Batch batch;
  std::int64_t next_offset = 7;
};

TEST_F(SortingTest, AMessageKeepsItsContentItsPlaceAndItsRecord) {
  const LogRecord record = requested("conv-1", "a", "hello");
  ASSERT_TRUE(sort(record));
  ASSERT_EQ(batch.items.size(), 1u);
  EXPECT_EQ(batch.items[0].message.position().offset, 7);
  EXPECT_EQ(batch.items[0].message.message().content, "hello");
  EXPECT_EQ(batch.items[0].message.message().requested_at, 1769509800000);
  EXPECT_EQ(batch.items[0].source, record);
  EXPECT_EQ(batch.progress.last(), std::vector{batch.items[0].message.position()});
}

TEST_F(SortingTest, AMessageOfThisProcessNeedsNoRecord) {
  Draft draft = embedded::draft_of("conv-1", "a", "hello");
  draft.temporary_message_id.reset();
  const auto own = std::make_shared<const Admitted>(*admit(std::move(draft), Limits{}, 1769509800000).admitted);
  ASSERT_TRUE(sort({{.partition = 0, .offset = 7}, {}, own}));
  ASSERT_TRUE(sort({{.partition = 0, .offset = 8}, {}, admitted("conv-1", "a", "hello")}));
  ASSERT_EQ(batch.items.size(), 2u);
  EXPECT_EQ(batch.items[0].message.message().content, "hello");
  EXPECT_FALSE(batch.items[0].source);
  EXPECT_TRUE(batch.items[0].new_id);
  EXPECT_FALSE(batch.items[1].new_id) << "a client may have used its key before";
}

TEST_F(SortingTest, AMessageOfThisProcessIsBuriedWithTheRecordThatWasMadeOfIt) {
  ASSERT_TRUE(sort({{.partition = 0, .offset = 7}, {}, admitted("conv-gone", "a", "hello")}));
  EXPECT_EQ(only_letter().reason, DeadReason::unknown_conversation);
  EXPECT_EQ(only_letter().source.record, requested("conv-gone", "a", "hello"));
  EXPECT_EQ(only_letter().rejection->temporary_message_id, "a");
}

TEST_F(SortingTest, WhatIsNoEventIsMalformedAndKeptByteForByte) {
  const std::array<std::string, 6> values{
      "", "garbage", "[1,2]", R"({"eventType":"MessageSentEvent"})", "{}x", std::string("\0\xFF", 2)};
  for (const std::string& value : values) {
    batch = {};
    const LogRecord record{.key = "conv-1", .value = value, .headers = {{"h", "v"}}, .timestamp = 5};
    ASSERT_TRUE(sort(record));
    EXPECT_EQ(only_letter().reason, DeadReason::malformed) << value;
    EXPECT_EQ(only_letter().source.record, record);
    EXPECT_FALSE(only_letter().error.empty());
    EXPECT_FALSE(only_letter().rejection) << "nobody can be told";
    EXPECT_EQ(batch.progress.last(), std::vector{only_letter().source.position});
  }
}

TEST_F(SortingTest, EveryBadFieldOfAnInvalidOneIsNamed) {
  ASSERT_TRUE(sort({.key = "conv-1",
                    .value = R"({"conversationId":"conv-1","temporaryMessageId":"a","senderId":"",)"
                             R"("senderType":"Robot","content":5})"}));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  for (const char* field : {"senderId", "senderType", "content"}) {
    EXPECT_NE(only_letter().error.find(field), std::string::npos) << only_letter().error;
  }
  ASSERT_TRUE(only_letter().rejection);
  EXPECT_EQ(only_letter().rejection->conversation_id, "conv-1");
  EXPECT_EQ(only_letter().rejection->temporary_message_id, "a");
  EXPECT_EQ(only_letter().rejection->reason, only_letter().error);
}

TEST_F(SortingTest, WithoutATemporaryIdItIsInvalidAndNobodyIsTold) {
  ASSERT_TRUE(sort(
      {.key = "conv-1", .value = R"({"conversationId":"conv-1","senderId":"p","senderType":"Parent","content":"x"})"}));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  EXPECT_NE(only_letter().error.find("temporaryMessageId"), std::string::npos);
  EXPECT_FALSE(only_letter().rejection);
}

TEST_F(SortingTest, AnIdThatCouldNotBeAKeyIsNotToldOf) {
  ASSERT_TRUE(sort({.key = "k",
                    .value = R"({"conversationId":"a\u0000b","temporaryMessageId":"t","senderId":"p",)"
                             R"("senderType":"Parent","content":"x"})"}));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  EXPECT_FALSE(only_letter().rejection);
}

TEST_F(SortingTest, AnUnknownConversationIsToldToTheSender) {
  ASSERT_TRUE(sort(requested("nowhere", "a", "hello")));
  EXPECT_EQ(only_letter().reason, DeadReason::unknown_conversation);
  ASSERT_TRUE(only_letter().rejection);
  EXPECT_EQ(only_letter().rejection->conversation_id, "nowhere");
}

TEST_F(SortingTest, UnknownFieldsDoNoHarmAndAreKeptOut) {
  ASSERT_TRUE(sort({.key = "conv-1",
                    .value = R"({"temporaryMessageId":"a","conversationId":"conv-1","senderId":"p","secret":"s",)"
                             R"("senderType":"Parent","content":"x","nested":{"a":[1,{"b":null}]}})",
                    .headers = {},
                    .timestamp = 42}));
  ASSERT_EQ(batch.items.size(), 1u);
  const Message& message = batch.items[0].message.message();
  EXPECT_EQ(message.content, "x");
  EXPECT_EQ(message.requested_at, 42) << "the record's own time stands in";
  EXPECT_EQ(message.correlation_id(), "a");
}

// The store that cannot be asked about a conversation.
class NoStore final : public StoreReader {
 public:
  Result<std::optional<Conversation>> find_conversation(const std::string&) override { return kDown; }
  Result<std::uint64_t> last_sequence(const std::string&) override { return kDown; }
  Result<Page> page(const std::string&, const PageQuery&) override { return kDown; }
  Result<std::optional<StoredRow>> find_message(const std::string&, const ObjectIdBytes&) override { return kDown; }
  Result<KeyLookup> find_by_temporary_id(const std::string&, const std::string&) override { return kDown; }

 private:
  const Error kDown{ErrorCode::unavailable, "the store is down"};
};

TEST_F(SortingTest, ARecordIsUntouchedWhenTheStoreCannotBeAsked) {
  NoStore down;
  ConversationDirectory blind(down, [](const auto&) { return false; }, {});
  const LogRecord record = requested("conv-1", "a", "hello");
  ConsumedRecord consumed{{.partition = 0, .offset = 3}, record};
  const auto sorted = Sorting(Limits{}, blind, down, letters).sort_into(batch, consumed);
  ASSERT_FALSE(sorted);
  EXPECT_EQ(sorted.error().code, ErrorCode::unavailable);
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_EQ(consumed.record, record);
  ASSERT_TRUE(Sorting(Limits{}, conversations, adapter->store_reader(), letters).sort_into(batch, consumed))
      << "and may be sorted later";
  EXPECT_EQ(batch.items.at(0).source, record);
}

}  // namespace
}  // namespace message_service
