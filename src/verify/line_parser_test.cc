#include "verify/line_parser.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace message_service::verify {
namespace {

using base::ErrorCode;

TEST(LineParser, ReadsEachEvent) {
  LineParser parser;
  std::deque<std::string> decoded;
  const auto sending = parser.parse(
      R"({"event":"sending","conversationId":"c","key":"k","content":"a\"\u00e4","at":12.5,"more":[{}]})", decoded);
  ASSERT_TRUE(sending) << sending.error().text;
  EXPECT_EQ(sending->kind, EventKind::sending);
  EXPECT_EQ(sending->conversation_id, "c");
  EXPECT_EQ(sending->key, "k");
  EXPECT_EQ(sending->content, "a\"ä");
  EXPECT_EQ(sending->at_ms, 12.5);

  const auto sent =
      parser.parse(R"({"event":"sent","conversationId":"c","key":"k","outcome":"refused","at":13})", decoded);
  ASSERT_TRUE(sent) << sent.error().text;
  EXPECT_EQ(sent->outcome, SendOutcome::refused);
  EXPECT_FALSE(sent->content);

  const auto view = parser.parse(R"({"event":"view","view":"v","conversationId":"c","afterSequence":0})", decoded);
  ASSERT_TRUE(view) << view.error().text;
  EXPECT_EQ(view->sequence, 0u);

  const auto settled = parser.parse(R"({"event":"settled","view":"v","upTo":9007199254740992})", decoded);
  ASSERT_TRUE(settled) << settled.error().text;
  EXPECT_EQ(settled->sequence, 9007199254740992u);

  const auto received = parser.parse(
      R"({"message":{"id":"i","temporaryMessageId":"k","conversationId":"c","sequence":7,"senderId":"p","senderType":"",)"
      R"("content":"","sentAt":"t","event":"x","key":{"content":"y"}},"view":"v","event":"received"})",
      decoded);
  ASSERT_TRUE(received) << received.error().text;
  EXPECT_EQ(received->kind, EventKind::received);
  EXPECT_EQ(received->view, "v");
  EXPECT_EQ(received->message.sequence, 7u);
  EXPECT_EQ(received->message.key, "k");
  EXPECT_EQ(received->message.content, "");
  EXPECT_FALSE(received->message.is_change);

  const auto change = parser.parse(R"({"event":"stored","message":{"participantChange":{"action":"set"}}})", decoded);
  ASSERT_TRUE(change) << change.error().text;
  EXPECT_TRUE(change->message.is_change);

  const auto recording = parser.parse(R"({"event":"recording","clock":"host"})", decoded);
  ASSERT_TRUE(recording) << recording.error().text;
  EXPECT_EQ(recording->clock, "host");
}

TEST(LineParser, NamesTheFieldThatIsWrong) {
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {R"({})", "event is missing"},
      {R"({"event":"sand"})",
       "event must be one of recording, sending, sent, view, received, settled, listing, stored, listed"},
      {R"({"event":7})", "event must be a string"},
      {R"({"event":"sending","key":"k","at":1})", "conversationId is missing"},
      {R"({"event":"sending","conversationId":"c","key":"","at":1})", "key must not be empty"},
      {R"({"event":"sending","conversationId":"c","key":"k"})", "at is missing"},
      {R"({"event":"sending","conversationId":"c","key":"k","at":-1})", "at must be milliseconds from 0"},
      {R"({"event":"sending","conversationId":"c","key":"k","at":1e999})", "at must be milliseconds from 0"},
      {R"({"event":"sending","conversationId":"c","key":"k","at":"1"})", "at must be a number"},
      {R"({"event":"sending","conversationId":"c","key":["k"],"at":1})", "key must be a string"},
      {R"({"event":"sending","conversationId":"c","key":true,"at":1})", "key must be a string"},
      {R"({"event":"sent","conversationId":"c","key":"k","at":1})", "outcome is missing"},
      {R"({"event":"sent","conversationId":"c","key":"k","at":1,"outcome":"good"})",
       "outcome must be one of unknown, ok, refused"},
      {R"({"event":"view","view":"v","conversationId":"c","afterSequence":1.5})",
       "afterSequence must be a whole number from 0 to 2^53"},
      {R"({"event":"settled","view":"v","upTo":-1})", "upTo must be a whole number from 0 to 2^53"},
      {R"({"event":"received","view":"v"})", "message is missing"},
      {R"({"event":"received","view":"v","message":{"id":"i"}})", "message.temporaryMessageId is missing"},
      {R"({"event":"stored","message":{"id":{}}})", "message.id must be a string"},
      {R"({"event":"stored","message":"text"})", "message is missing"},
  };
  LineParser parser;
  std::deque<std::string> decoded;
  for (const auto& [line, error] : cases) {
    const auto event = parser.parse(line, decoded);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().code, ErrorCode::invalid) << line;
    EXPECT_EQ(event.error().text, error) << line;
  }
}

TEST(LineParser, EveryPartOfALineIsNoWholeOne) {
  const std::string line = R"({"event":"settled","view":"vä\n","upTo":12,"more":{"a":[1,"b",null,true,1e3]}})";
  LineParser parser;
  std::deque<std::string> decoded;
  ASSERT_TRUE(parser.parse(line, decoded));
  for (std::size_t size = 0; size < line.size(); ++size) {
    const auto event = parser.parse(line.substr(0, size), decoded);
    ASSERT_FALSE(event) << size;
    EXPECT_EQ(event.error().code, ErrorCode::corrupt) << size;
  }
  for (const char* no_line : {"[]", "7", "null", "{} {}", "{\"event\":\"\xFF\"}", "{'event':1}"}) {
    const auto event = parser.parse(no_line, decoded);
    ASSERT_FALSE(event) << no_line;
    EXPECT_EQ(event.error().code, ErrorCode::corrupt) << no_line;
  }
  EXPECT_TRUE(parser.parse(line, decoded)) << "and reads on";
}

}  // namespace
}  // namespace message_service::verify
