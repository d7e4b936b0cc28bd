#include "pipeline/persist/record_classifier.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "support/cpp/temporary_embedded.h"
#include "wire/event_json.h"

namespace message_service {
namespace {

using embedded::requested;

const base::Error kDown{base::ErrorCode::unavailable, "it is down"};

// A log of which only the partitions matter.
class Partitions final : public LogReader {
 public:
  base::Result<std::int32_t> conversation_is_in = 0;
  base::Result<std::int32_t> partition_of(std::string_view) override { return conversation_is_in; }
  base::Result<Polled> poll(std::size_t, base::SteadyTime) override { return Polled{}; }
  void interrupt() override {}
  base::Result<void> commit(const Progress&) override { return {}; }
  std::vector<PartitionLag> lag() const override { return {}; }
};

class RecordClassifierTest : public testing::Test {
 protected:
  RecordClassifierTest() { adapter.create_conversation("conv-1"); }

  // The offset of a record is its number.
  base::Result<Classified> sort(LogRecord record) {
    return sort(ConsumedRecord{{.partition = 0, .offset = next_offset++}, std::move(record)});
  }
  base::Result<Classified> sort(ConsumedRecord consumed) {
    return RecordClassifier(Limits{}, {log, conversations, adapter->store_reader(), letters, versions})
        .classify_into(batch, consumed);
  }

  static LogRecord requiring(std::string version) {
    LogRecord record = requested("conv-1", "a", "hello");
    record.headers.push_back({std::string(header_name::requires_version), std::move(version)});
    return record;
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

  Partitions log;
  embedded::TemporaryEmbedded adapter;
  ConversationDirectory conversations{adapter->store_reader(), [](const auto&) { return false; }, {}};
  OpenDeadLetters letters{adapter->store_reader(), DeadLetterOrder::pass};
  RecordVersions versions;
  Batch batch;
  std::int64_t next_offset = 7;
};

TEST_F(RecordClassifierTest, AMessageKeepsItsContentItsPlaceAndItsRecord) {
  const LogRecord record = requested("conv-1", "a", "hello");
  ASSERT_TRUE(sort(record));
  ASSERT_EQ(batch.items.size(), 1u);
  EXPECT_EQ(batch.items[0].message.position().offset, 7);
  EXPECT_EQ(batch.items[0].message.message().content, "hello");
  EXPECT_EQ(batch.items[0].message.message().requested_at, 1769509800000);
  EXPECT_EQ(batch.items[0].source, record);
  EXPECT_EQ(batch.progress.last(), std::vector{batch.items[0].message.position()});
}

TEST_F(RecordClassifierTest, AMessageOfThisProcessNeedsNoRecord) {
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

TEST_F(RecordClassifierTest, AMessageOfThisProcessIsBuriedWithTheRecordThatWasMadeOfIt) {
  ASSERT_TRUE(sort({{.partition = 0, .offset = 7}, {}, admitted("conv-gone", "a", "hello")}));
  EXPECT_EQ(only_letter().reason, DeadReason::unknown_conversation);
  EXPECT_EQ(only_letter().source.record, requested("conv-gone", "a", "hello"));
  EXPECT_EQ(only_letter().rejection->temporary_message_id, "a");
}

TEST_F(RecordClassifierTest, WhatIsNoEventIsMalformedAndKeptByteForByte) {
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

TEST_F(RecordClassifierTest, EveryBadFieldOfAnInvalidOneIsNamed) {
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

TEST_F(RecordClassifierTest, WithoutATemporaryIdItIsInvalidAndNobodyIsTold) {
  ASSERT_TRUE(sort(
      {.key = "conv-1", .value = R"({"conversationId":"conv-1","senderId":"p","senderType":"Parent","content":"x"})"}));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  EXPECT_NE(only_letter().error.find("temporaryMessageId"), std::string::npos);
  EXPECT_FALSE(only_letter().rejection);
}

TEST_F(RecordClassifierTest, AnIdThatCouldNotBeAKeyIsNotToldOf) {
  ASSERT_TRUE(sort({.key = "k",
                    .value = R"({"conversationId":"a\u0000b","temporaryMessageId":"t","senderId":"p",)"
                             R"("senderType":"Parent","content":"x"})"}));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  EXPECT_FALSE(only_letter().rejection);
}

TEST_F(RecordClassifierTest, AnUnknownConversationIsToldToTheSender) {
  ASSERT_TRUE(sort(requested("nowhere", "a", "hello")));
  EXPECT_EQ(only_letter().reason, DeadReason::unknown_conversation);
  ASSERT_TRUE(only_letter().rejection);
  EXPECT_EQ(only_letter().rejection->conversation_id, "nowhere");
}

TEST_F(RecordClassifierTest, UnknownFieldsDoNoHarmAndAreKeptOut) {
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

// A store that cannot be asked about a conversation.
class NoStore final : public StoreReader {
 public:
  base::Result<std::optional<Conversation>> find_conversation(const std::string&) override { return kDown; }
  base::Result<std::optional<Standings>> participants(const std::string&) override { return kDown; }
  base::Result<std::uint64_t> last_participant_change(const std::string&) override { return kDown; }
  base::Result<std::uint64_t> last_sequence(const std::string&) override { return kDown; }
  base::Result<Page> page(const std::string&, const PageQuery&) override { return kDown; }
  base::Result<std::optional<StoredRow>> find_message(const std::string&, const ObjectIdBytes&) override {
    return kDown;
  }
  base::Result<KeyLookup> find_by_temporary_id(const std::string&, const std::string&) override { return kDown; }
  base::Result<std::string> history_id() override { return kDown; }
  base::Result<std::vector<Revocation>> revocations() override { return kDown; }
  bool is_local() const override { return false; }
  base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery&) override { return kDown; }
};

TEST_F(RecordClassifierTest, ARecordOfAVersionThatItReadsIsTaken) {
  versions.reads = 3;
  for (const char* version : {"1", "2", "3"}) {
    batch = {};
    EXPECT_EQ(sort(requiring(version)).value(), Classified::taken);
    EXPECT_EQ(batch.items.size(), 1u) << version;
  }
}

TEST_F(RecordClassifierTest, ARecordThatOtherNodesMayHaveWrittenWaitsForANewerProgram) {
  versions.allowed = [] { return base::Result<int>(4); };
  for (const char* version : {"3", "4"}) {
    ConsumedRecord consumed{{.partition = 0, .offset = 3}, requiring(version)};
    EXPECT_EQ(RecordClassifier(Limits{}, {log, conversations, adapter->store_reader(), letters, versions})
                  .classify_into(batch, consumed)
                  .value(),
              Classified::needs_newer_program);
    EXPECT_EQ(consumed.record, requiring(version)) << "untouched";
    EXPECT_EQ(batch.size(), 0u);
    EXPECT_TRUE(batch.progress.last().empty());
  }
}

// A stranger stops nothing, by accident or on purpose.
TEST_F(RecordClassifierTest, AVersionThatNoNodeMayWriteIsADeadLetter) {
  versions.allowed = [] { return base::Result<int>(3); };
  for (const char* version : {"4", "999", "999999", "1000000", "99999999999999999999", "0", "-1", "+2", "02", " 2",
                              "2 ", "two", "", "2.0", "0x2"}) {
    batch = {};
    EXPECT_EQ(sort(requiring(version)).value(), Classified::taken) << version;
    EXPECT_EQ(only_letter().reason, DeadReason::malformed) << version;
    EXPECT_NE(only_letter().error.find("requires-version"), std::string::npos);
    EXPECT_EQ(only_letter().source.record, requiring(version));
    EXPECT_EQ(batch.progress.last(), std::vector{only_letter().source.position});
  }
}

TEST_F(RecordClassifierTest, ADiscardOfANewerVersionIsNotFollowed) {
  LogRecord discard = wire::discard_record({"conv-1", {.partition = 0, .offset = 1}}, 5);
  discard.headers.push_back({std::string(header_name::requires_version), "3"});
  versions.allowed = [] { return base::Result<int>(3); };
  EXPECT_EQ(sort(discard).value(), Classified::needs_newer_program);
}

TEST_F(RecordClassifierTest, WhoMayWriteWhatIsAskedAgainWhenTheStoreIsBack) {
  versions.allowed = []() -> base::Result<int> {
    return base::Error{base::ErrorCode::unavailable, "the store is down"};
  };
  EXPECT_EQ(sort(requiring("3")).error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(batch.size(), 0u);
}

TEST_F(RecordClassifierTest, ARecordIsUntouchedWhenTheStoreCannotBeAsked) {
  NoStore down;
  ConversationDirectory blind(down, [](const auto&) { return false; }, {});
  const LogRecord record = requested("conv-1", "a", "hello");
  ConsumedRecord consumed{{.partition = 0, .offset = 3}, record};
  const auto sorted = RecordClassifier(Limits{}, {log, blind, down, letters}).classify_into(batch, consumed);
  ASSERT_FALSE(sorted);
  EXPECT_EQ(sorted.error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_EQ(consumed.record, record);
  ASSERT_TRUE(
      RecordClassifier(Limits{}, {log, conversations, adapter->store_reader(), letters}).classify_into(batch, consumed))
      << "and may be sorted later";
  EXPECT_EQ(batch.items.at(0).source, record);
}

TEST_F(RecordClassifierTest, ARecordThatLiesInAnotherPartitionThanItsConversationIsMovedAsItCame) {
  log.conversation_is_in = 5;
  LogRecord record = requested("conv-1", "a", "hello");
  record.key = "a key of its own";
  record.headers = {{"one", "1"}, {"one", "2"}, {"moved-from", "9/9"}};
  ASSERT_TRUE(sort(record));
  EXPECT_TRUE(batch.items.empty());
  EXPECT_TRUE(batch.dead_letters.empty());
  ASSERT_EQ(batch.moved.size(), 1u);
  EXPECT_EQ(batch.size(), 1u);
  EXPECT_EQ(batch.moved[0].partition, 5);
  EXPECT_EQ(batch.moved[0].source.record, record);
  EXPECT_EQ(batch.progress.last(), (std::vector{Position{0, 7}})) << "done when it is appended again";

  LogRecord again = record;
  wire::note_moved_from(again, {0, 7});
  EXPECT_EQ(again.key, record.key);
  EXPECT_EQ(again.headers, (std::vector<Header>{{"one", "1"}, {"one", "2"}, {"moved-from", "0/7"}}));
  log.conversation_is_in = 0;
  ASSERT_TRUE(sort(again));
  ASSERT_EQ(batch.items.size(), 1u);
  EXPECT_EQ(batch.items[0].moved_from, (Position{0, 7}));
}

TEST_F(RecordClassifierTest, WhatIsWrongIsADeadLetterWhereItLiesAndWaitsForNothing) {
  log.conversation_is_in = 5;
  ASSERT_TRUE(sort(requested("conv-1", "a", "")));
  EXPECT_EQ(only_letter().reason, DeadReason::invalid);
  batch = {};
  ASSERT_TRUE(sort(requested("conv-gone", "a", "hello")));
  EXPECT_EQ(batch.moved.size(), 1u) << "a conversation that may be made yet has its dead letters where it is";
}

TEST_F(RecordClassifierTest, ARetriedLetterIsClosedWhereTheRecordWasMovedTo) {
  ASSERT_TRUE(sort(requested("conv-2", "a", "hello")));
  ASSERT_TRUE(adapter->store().commit(batch));
  const DeadLetter letter = batch.dead_letters.at(0);
  letters.forget();
  ASSERT_TRUE(letters.load({0}));
  adapter.create_conversation("conv-2");
  LogRecord retried = wire::retry_record(wire::dead_letter_record(letter, 0), letter.origin());
  wire::note_moved_from(retried, {0, 100});
  log.conversation_is_in = 5;
  batch = {};
  ASSERT_TRUE(sort(ConsumedRecord{{.partition = 5, .offset = 3}, retried}));
  ASSERT_EQ(batch.items.size(), 1u);
  ASSERT_TRUE(batch.items[0].retry_of);
  EXPECT_EQ(batch.items[0].retry_of->origin, letter.origin());
}

TEST_F(RecordClassifierTest, ALetterOfALogThatWasMadeAnewSaysNothingOfTheRecordInItsPlace) {
  ASSERT_TRUE(sort(ConsumedRecord{{.partition = 0, .offset = 3}, requested("conv-2", "a", "hello")}));
  ASSERT_TRUE(adapter->store().commit(batch));
  letters.forget();
  ASSERT_TRUE(letters.load({0}));
  adapter.create_conversation("conv-2");
  batch = {};
  ASSERT_TRUE(sort(ConsumedRecord{{.partition = 0, .offset = 3}, requested("conv-2", "b", "another one")}));
  EXPECT_TRUE(batch.dead_letters.empty());
  ASSERT_EQ(batch.items.size(), 1u);
  EXPECT_FALSE(batch.items[0].retry_of);
}

TEST_F(RecordClassifierTest, ALogThatDoesNotKnowItsPartitionsLeavesTheRecordUntouched) {
  log.conversation_is_in = kDown;
  ConsumedRecord consumed{{.partition = 0, .offset = 3}, requested("conv-1", "a", "hello")};
  EXPECT_FALSE(sort(consumed));
  EXPECT_EQ(batch.size(), 0u);
}

}  // namespace
}  // namespace message_service
