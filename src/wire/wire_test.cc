#include <gtest/gtest.h>

#include <limits>

#include "base/clock.h"
#include "base/json_object_writer.h"
#include "model/record_version.h"
#include "wire/conversation_json.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service {
namespace {

Admitted admitted_message(std::string content) {
  Draft draft;
  draft.conversation_id = "conv-123";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = std::move(content);
  draft.temporary_message_id = "temp-1";
  draft.correlation_id = "corr-1";
  draft.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return *admit(std::move(draft), Limits{}, 1769509800000).admitted;
}

const std::string kAwkward = std::string("quote \" slash \\ newline \n bell \x07 \xF0\x9F\x94\xA5 nul ") + '\0';

TEST(JsonObjectWriter, EscapesAKeyThatCameFromElsewhere) {
  std::string out;
  base::JsonObjectWriter(out).string(std::string("a\"b"), "1").string("c", "2").string(std::string("d"), "3").close();
  EXPECT_EQ(out, R"({"a\"b":"1","c":"2","d":"3"})");
}

TEST(AcceptedJson, IsTheBodyOfA202) {
  EXPECT_EQ(
      wire::accepted_json(admitted_message("Hello teacher!").message()),
      R"({"id":"temp-1","conversationId":"conv-123","senderId":"parent-001","senderType":"Parent",)"
      R"("content":"Hello teacher!","status":"Sent","sentAt":"2026-01-27T10:30:00.000Z","correlationId":"corr-1"})");
}

TEST(StoredJson, ComesBackEqualWhateverTheContent) {
  const Stored stored(admitted_message(kAwkward), 7, 1769509800123);
  const auto back = wire::read_stored(wire::stored_json(stored));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message().content, kAwkward);
  EXPECT_EQ(back->sequence(), 7u);
  EXPECT_EQ(back->persisted_at(), 1769509800123);
  EXPECT_EQ(back->id(), stored.id());
  EXPECT_TRUE(back->message().same_content(stored.message()));
}

TEST(StoredJson, CalledCorruptWhenAFieldIsGone) {
  EXPECT_EQ(wire::read_stored(R"({"id":"x"})").error().code, base::ErrorCode::corrupt);
}

TEST(RequestedEvent, ComesBackAsTheDraftItWas) {
  const LogRecord record = wire::requested_record(admitted_message(kAwkward).message());
  EXPECT_EQ(record.key, "conv-123");
  EXPECT_EQ(header_value(record, header_name::correlation_id), "corr-1");
  auto draft = wire::read_requested(record);
  ASSERT_TRUE(draft);
  const Admission again = admit(std::move(*draft), Limits{}, 0);
  ASSERT_TRUE(again.admitted);
  EXPECT_EQ(again.admitted->message().content, kAwkward);
  EXPECT_EQ(again.admitted->message().requested_at, 1769509800000);
  EXPECT_FALSE(again.admitted->message().traceparent.empty());
}

TEST(RequestedEvent, FromAForeignProducerIsCheckedLikeAPost) {
  LogRecord record;
  record.value = "garbage";
  EXPECT_EQ(wire::read_requested(record).error().code, base::ErrorCode::invalid);
  record.value = R"({"eventType":"SomethingElse"})";
  EXPECT_EQ(wire::read_requested(record).error().code, base::ErrorCode::invalid);
  record.value = R"({"conversationId":5,"senderId":"a","senderType":"Parent","content":"x"})";
  auto draft = wire::read_requested(record);
  ASSERT_TRUE(draft);
  EXPECT_FALSE(admit(std::move(*draft), Limits{}, 0).admitted);
}

LogRecord requested_with(std::vector<Header> headers) {
  LogRecord record = wire::requested_record(admitted_message("x").message());
  record.headers = std::move(headers);
  return record;
}

TEST(RequestedEvent, AHeaderThatIsNoTraceContextIsDropped) {
  const std::string valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string later = "01" + valid.substr(2);
  EXPECT_EQ(wire::read_requested(requested_with({{"traceparent", valid}}))->traceparent, valid);
  for (const std::string& bytes :
       {std::string("\x01\xFF\xFE\x80"), std::string(), std::string(1 << 20, '\0'), valid + "-more", "00" + later}) {
    EXPECT_EQ(wire::read_requested(requested_with({{"traceparent", bytes}}))->traceparent, "") << bytes.substr(0, 80);
  }
  EXPECT_EQ(wire::read_requested(requested_with({{"traceparent", later + "-\xFF\xFE"}}))->traceparent, later)
      << "a later version may add bytes, and only those that every version has are kept";
}

TEST(RequestedEvent, ATimeThatNobodyCanWriteIsNone) {
  LogRecord record = requested_with({});
  const auto read = [&](const std::string& time, base::Timestamp own) {
    record.value = R"({"conversationId":"c","temporaryMessageId":"t","requestedAt":)" + time + "}";
    record.timestamp = own;
    return *wire::read_requested(record);
  };
  EXPECT_EQ(read("null", 1769509800000).requested_at, 1769509800000);
  for (const base::Timestamp own : {base::Timestamp{-1}, std::numeric_limits<base::Timestamp>::min(),
                                    std::numeric_limits<base::Timestamp>::max(), base::kTimestampMax + 1}) {
    EXPECT_FALSE(read("null", own).requested_at) << own;
  }
  for (const char* time : {R"("0000-01-01T00:00:00+23:00")", R"("9999-12-31T23:59:59-23:59")",
                           R"("12026-01-01T00:00:00Z")", R"("-001-01-01T00:00:00Z")", "5"}) {
    const Draft draft = read(time, 0);
    ASSERT_EQ(draft.errors.size(), 1u) << time;
    EXPECT_EQ(draft.errors[0].field, "requestedAt");
  }
  EXPECT_EQ(base::format_timestamp(*read(R"("9999-12-31T23:59:59.999Z")", 0).requested_at), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(base::format_timestamp(*read(R"("0001-01-01T00:00:00Z")", 0).requested_at), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(base::format_timestamp(std::numeric_limits<base::Timestamp>::max()), "9999-12-31T23:59:59.999Z");
}

TEST(SentEvent, OfAForeignProgramIsReadAsStrictlyAsARow) {
  const Stored stored(admitted_message("x"), 3, 1769509800123);
  const auto with_sequence = [&](const std::string& sequence) {
    std::string json = wire::stored_json(stored);
    json.replace(json.find("\"sequence\":3"), 12, "\"sequence\":" + sequence);
    return wire::read_sent(wire::sent_record(stored, json));
  };
  EXPECT_TRUE(with_sequence("9007199254740991"));
  for (const char* sequence : {"0", "-1", "9007199254740992", "18446744073709551615", "1e3", "\"3\"", "null", "{}"}) {
    EXPECT_FALSE(with_sequence(sequence)) << sequence;
  }
}

TEST(Rejection, ThatNoClientCouldReadIsNone) {
  const auto read = [](std::string conversation, std::string key, std::string reason) {
    LogRecord record;
    record.headers = {{"rejected-conversation-id", std::move(conversation)},
                      {"rejected-temporary-message-id", std::move(key)},
                      {"error", std::move(reason)}};
    return wire::read_rejection(record);
  };
  EXPECT_TRUE(read("c", "t", "why"));
  EXPECT_FALSE(read("", "t", "why"));
  EXPECT_FALSE(read("c\xFF", "t", "why"));
  EXPECT_FALSE(read("c", "\xC3", "why"));
  EXPECT_FALSE(read("c", "t", "\xED\xA0\x80"));
  EXPECT_FALSE(read("c", "t", std::string(1 << 20, 'x')));
}

TEST(RequestedEvent, NamesMatchInAnyCaseAndTheLaterOneCounts) {
  LogRecord record;
  record.value =
      "\xEF\xBB\xBF"
      R"({"EventType":"SendMessageRequestedEvent","TemporaryMessageId":"t","ConversationId":"c","SenderId":"p",)"
      R"("SenderType":"teacher","content":"a","Content":"b"})";
  auto draft = wire::read_requested(record);
  ASSERT_TRUE(draft);
  const Admission admission = admit(std::move(*draft), Limits{}, 0);
  ASSERT_TRUE(admission.admitted);
  EXPECT_EQ(admission.admitted->message().conversation_id, "c");
  EXPECT_EQ(admission.admitted->message().sender_type, "Teacher") << "as it is declared";
  EXPECT_EQ(admission.admitted->message().content, "b");
}

TEST(SentEvent, OfANewerVersionIsLeftToNewerPrograms) {
  const Stored stored(admitted_message("x"), 3, 1769509800123);
  LogRecord record = wire::sent_record(stored, wire::stored_json(stored));
  record.headers.push_back(requires_version_header(kRecordVersion));
  EXPECT_TRUE(wire::read_sent(record));
  for (const char* version : {"3", "999", "two", ""}) {
    record.headers.back().value = version;
    EXPECT_FALSE(wire::read_sent(record)) << version;
  }
}

TEST(SentEvent, CarriesTheStoredMessage) {
  const Stored stored(admitted_message("x"), 3, 1769509800123);
  const auto event = wire::read_sent(wire::sent_record(stored, wire::stored_json(stored)));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->stored.sequence(), 3u);
  EXPECT_EQ(event->stored.id(), stored.id());
}

TEST(DeadLetterRecord, KeepsTheRecordAndSaysWhy) {
  DeadLetter letter{.source = {.position = {.partition = 0, .offset = 42}, .record = {}},
                    .reason = DeadReason::key_conflict,
                    .error = "other content under the same key",
                    .rejection = MessageRejected{"conv-123", "temp-1", "other content under the same key"}};
  letter.source.record.value = "as it came";
  const LogRecord record = wire::dead_letter_record(letter, 1769509800000);
  EXPECT_EQ(record.value, "as it came");
  EXPECT_EQ(header_value(record, "reason"), "key-conflict");
  EXPECT_EQ(header_value(record, "source-offset"), "42");
  EXPECT_EQ(header_value(record, "failed-at"), "2026-01-27T10:30:00.000Z");
  const auto rejection = wire::read_rejection(record);
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->temporary_message_id, "temp-1");
  EXPECT_EQ(rejection->reason, "other content under the same key");
}

TEST(ReadDraft, RefusesWhatIsNoObjectAndNamesWrongTypes) {
  Draft draft;
  for (const char* body : {"", "[]", "1", "{", "{}x", "{\"a\":1,}", "\"\xFF\"", "nul"}) {
    EXPECT_EQ(wire::read_draft(body, draft).error().code, base::ErrorCode::invalid) << body;
  }
  std::string deep(1000, '[');
  EXPECT_FALSE(wire::read_draft(R"({"content":)" + deep, draft));
  ASSERT_TRUE(
      wire::read_draft(R"({"senderId":1,"content":{},"senderType":"Parent","extra":[1e999999]})", draft).has_error() ||
      draft.errors.size() == 2);
}

Draft draft_read(std::string_view body) {
  Draft draft;
  EXPECT_TRUE(wire::read_draft(body, draft)) << body;
  return draft;
}

TEST(ReadDraft, TakesWhatLiesDirectlyInTheObjectAndNoMore) {
  const Draft draft = draft_read(
      R"({"nested":{"content":"no","senderId":["no"]},"list":[{"content":"no"}],"content":"yes","a":null,"b":true})");
  EXPECT_EQ(draft.content, "yes");
  EXPECT_FALSE(draft.sender_id);
  EXPECT_TRUE(draft.errors.empty());
}

TEST(ReadDraft, NullIsAbsentAndEveryOtherTypeIsAnErrorOfItsField) {
  EXPECT_FALSE(draft_read(R"({"content":null})").content);
  for (const char* value : {"1", "-1", "18446744073709551615", "1.5", "true", "{}", "[]", R"(["x"])", R"({"x":"y"})"}) {
    const Draft draft = draft_read(std::string(R"({"content":)") + value + R"(,"senderId":"p"})");
    ASSERT_EQ(draft.errors.size(), 1u) << value;
    EXPECT_EQ(draft.errors[0].field, "content");
    EXPECT_EQ(draft.errors[0].text, "must be a string");
    EXPECT_FALSE(draft.content);
    EXPECT_EQ(draft.sender_id, "p") << "what follows is read";
  }
}

TEST(ReadDraft, OfTwoFieldsWithOneNameTheLaterOneCounts) {
  EXPECT_EQ(draft_read(R"({"content":"a","content":"b"})").content, "b");
  EXPECT_FALSE(draft_read(R"({"content":"a","content":null})").content);
  const Draft text_last = draft_read(R"({"content":{"x":1},"content":"b"})");
  EXPECT_EQ(text_last.content, "b");
  EXPECT_TRUE(text_last.errors.empty());
  EXPECT_EQ(draft_read(R"({"content":"a","content":1})").errors.size(), 1u);
}

TEST(ReadDraft, NamesMatchInAnyCaseAndTheLaterOneCounts) {
  const Draft pascal = draft_read(R"({"SenderId":"p","SENDERTYPE":"Parent","Content":"hi","TemporaryMessageId":"t"})");
  EXPECT_EQ(pascal.sender_id, "p");
  EXPECT_EQ(pascal.sender_type, "Parent");
  EXPECT_EQ(pascal.content, "hi");
  EXPECT_EQ(pascal.temporary_message_id, "t");
  EXPECT_EQ(draft_read(R"({"content":"a","Content":"b"})").content, "b");
  EXPECT_EQ(draft_read(R"({"Content":"a","content":"b"})").content, "b");
  EXPECT_FALSE(draft_read(R"({"content":"a","CONTENT":null})").content);
  EXPECT_FALSE(draft_read("{\"\u017fenderId\":\"p\"}").sender_id) << "only letters of ASCII are folded";
  EXPECT_EQ(draft_read(R"({"con\u0054ent":"hi"})").content, "hi") << "escaped names are folded too";
}

TEST(ReadDraft, AByteOrderMarkFirstIsNoPartOfTheText) {
  EXPECT_EQ(draft_read("\xEF\xBB\xBF{\"content\":\"hi\"}").content, "hi");
  Draft draft;
  EXPECT_FALSE(wire::read_draft("\xEF\xBB\xBF\xEF\xBB\xBF{}", draft)) << "one, not two";
  EXPECT_FALSE(wire::read_draft("{\xEF\xBB\xBF}", draft)) << "first, not elsewhere";
}

TEST(ReadDraft, WhatNobodyReadsMayBeNestedSixtyFourDeep) {
  const auto nested = [](std::size_t lists) {
    return R"({"content":"hi","x":)" + std::string(lists, '[') + std::string(lists, ']') + "}";
  };
  EXPECT_EQ(draft_read(nested(63)).content, "hi");
  Draft draft;
  EXPECT_FALSE(wire::read_draft(nested(64), draft)) << "the object itself is one level";
}

TEST(ReadDraft, EscapesAreReadInKeysAndTexts) {
  const Draft draft = draft_read(R"({"con\u0074ent":"a\"\n\u00e4\ud83d\ude00z","sender\/Id":"no","senderId":""})");
  EXPECT_EQ(draft.content, "a\"\n\xC3\xA4\xF0\x9F\x98\x80z");
  EXPECT_EQ(draft.sender_id, "");
}

TEST(ConversationJson, ComesBackEqual) {
  FieldErrors errors;
  auto conversation = wire::read_conversation_request(
      R"({"id":"conv-9","participants":[{"id":"p","type":"Parent"}],"title":"Maths"})", errors);
  ASSERT_TRUE(conversation);
  EXPECT_TRUE(errors.empty());
  const auto back = wire::read_conversation(wire::conversation_json(*conversation));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->same_content(*conversation));
}

TEST(ConversationJson, NamesMatchInAnyCase) {
  FieldErrors errors;
  auto conversation = wire::read_conversation_request(
      R"({"Id":"conv-9","Participants":[{"Id":"p","TYPE":"Parent"}],"title":"no","Title":"Maths"})", errors);
  ASSERT_TRUE(conversation);
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(conversation->id, "conv-9");
  EXPECT_EQ(conversation->title, "Maths");
  ASSERT_EQ(conversation->participants.size(), 1u);
  EXPECT_EQ(conversation->participants[0].type, "Parent");
}

TEST(ConversationJson, NamesTheParticipantThatIsWrong) {
  FieldErrors errors;
  ASSERT_TRUE(wire::read_conversation_request(R"({"participants":["x",{"id":1}]})", errors));
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].field, "participants[0]");
  EXPECT_EQ(errors[1].field, "participants[1].id");
}

}  // namespace
}  // namespace message_service
