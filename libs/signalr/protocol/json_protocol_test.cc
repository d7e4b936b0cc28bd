#include "signalr/protocol/json_protocol.h"

#include <gtest/gtest.h>

#include <random>

#include "signalr/protocol/protocol_verdict.h"

namespace signalr {
namespace {

const JsonProtocol kJson;

// The one message in `json`, which lacks its separator.
HubMessage read(std::string json) {
  json.push_back('\x1E');
  std::string_view input = json;
  const auto message = kJson.parse(input, {});
  EXPECT_TRUE(message && *message) << json;
  EXPECT_TRUE(input.empty());
  return message && *message ? **message : HubMessage(Ping{});
}

std::string error_of(std::string json) {
  json.push_back('\x1E');
  std::string_view input = json;
  const auto message = kJson.parse(input, {});
  return message ? "no error" : message.error().text;
}

TEST(JsonProtocol, ReadsAnInvocationWithItsTypeLast) {
  EXPECT_EQ(read(R"({"target":"Send","arguments":["hi",1,null],"invocationId":"0","type":1})"),
            HubMessage(Invocation{.target = "Send", .arguments = {"hi", 1, nullptr}, .invocation_id = "0"}));
}

TEST(JsonProtocol, ReadsEveryType) {
  EXPECT_EQ(read(R"({"type":1,"target":"T","arguments":[],"streamIds":["a","b"],"headers":{"h":"v"},"new":{}})"),
            HubMessage(Invocation{.target = "T", .stream_ids = {"a", "b"}, .headers = {{"h", "v"}}}));
  EXPECT_EQ(read(R"({"type":2,"invocationId":"1","item":{"a":[1]}})"),
            HubMessage(StreamItem{.invocation_id = "1", .item = Value::Object{{"a", Value::Array{1}}}}));
  EXPECT_EQ(read(R"({"type":3,"invocationId":"1"})"), HubMessage(Completion{.invocation_id = "1"}));
  EXPECT_EQ(read(R"({"type":3,"invocationId":"1","result":null})"),
            HubMessage(Completion{.invocation_id = "1", .outcome = Value()}));
  EXPECT_EQ(read(R"({"type":3,"invocationId":"1","result":5,"error":null})"),
            HubMessage(Completion{.invocation_id = "1", .outcome = Value(5)}));
  EXPECT_EQ(read(R"({"type":3,"error":"bad","invocationId":"1"})"),
            HubMessage(Completion{.invocation_id = "1", .outcome = Failure{"bad"}}));
  EXPECT_EQ(read(R"({"type":4,"invocationId":"2","target":"S","arguments":[3]})"),
            HubMessage(StreamInvocation{.target = "S", .arguments = {3}, .invocation_id = "2"}));
  EXPECT_EQ(read(R"({"type":5,"invocationId":"2"})"), HubMessage(CancelInvocation{.invocation_id = "2"}));
  EXPECT_EQ(read(R"({"type":6})"), HubMessage(Ping{}));
  EXPECT_EQ(read(R"({"type":7})"), HubMessage(Close{}));
  EXPECT_EQ(read(R"({"type":7,"error":"e","allowReconnect":true})"),
            HubMessage(Close{.error = "e", .allow_reconnect = true}));
  EXPECT_EQ(read(R"({"type":8,"sequenceId":12})"), HubMessage(Ack{12}));
  EXPECT_EQ(read(R"({"type":9,"sequenceId":-1})"), HubMessage(Sequence{-1}));
}

TEST(JsonProtocol, NullCountsAsAbsentWhereAMemberIsOptional) {
  EXPECT_EQ(read(R"({"type":1,"target":"T","arguments":[],"invocationId":null,"streamIds":null,"headers":null})"),
            HubMessage(Invocation{.target = "T"}));
  EXPECT_EQ(read(R"({"type":7,"error":null,"allowReconnect":null})"), HubMessage(Close{}));
}

TEST(JsonProtocol, LastMemberOfANameCounts) {
  EXPECT_EQ(read(R"({"type":1,"target":"a","target":"b","arguments":[],"type":1})"),
            HubMessage(Invocation{.target = "b"}));
}

TEST(JsonProtocol, TakesUnknownTypesOneByOne) {
  std::string_view input = "{\"type\":99,\"x\":1}\x1E{\"type\":0}\x1E{\"type\":6}\x1E{\"ty";
  for (const HubMessage& expected : {HubMessage(Unknown{}), HubMessage(Unknown{}), HubMessage(Ping{})}) {
    const auto message = kJson.parse(input, {});
    ASSERT_TRUE(message && *message);
    EXPECT_EQ(**message, expected);
  }
  const auto more = kJson.parse(input, {});
  EXPECT_TRUE(more && !*more);
  EXPECT_EQ(input, "{\"ty");
}

TEST(JsonProtocol, NamesTheMemberThatIsMissingOrWrong) {
  const auto missing = [](std::string_view name) { return "Missing required property '" + std::string(name) + "'."; };
  EXPECT_EQ(error_of("{}"), missing("type"));
  EXPECT_EQ(error_of(R"({"type":1,"arguments":[]})"), missing("target"));
  EXPECT_EQ(error_of(R"({"type":1,"target":null,"arguments":[]})"), missing("target"));
  EXPECT_EQ(error_of(R"({"type":1,"target":"T"})"), missing("arguments"));
  EXPECT_EQ(error_of(R"({"type":4,"target":"T","arguments":[]})"), missing("invocationId"));
  EXPECT_EQ(error_of(R"({"type":2,"item":1})"), missing("invocationId"));
  EXPECT_EQ(error_of(R"({"type":2,"invocationId":"1"})"), missing("item"));
  EXPECT_EQ(error_of(R"({"type":3})"), missing("invocationId"));
  EXPECT_EQ(error_of(R"({"type":5,"invocationId":""})"), missing("invocationId"));
  EXPECT_EQ(error_of(R"({"type":8})"), missing("sequenceId"));
  EXPECT_EQ(error_of(R"({"type":"1"})"), "Expected 'type' to be of type Number.");
  EXPECT_EQ(error_of(R"({"type":1,"target":"T","arguments":{}})"), "Expected 'arguments' to be of type Array.");
  EXPECT_EQ(error_of(R"({"type":1,"target":"T","arguments":[],"invocationId":7})"),
            "Expected 'invocationId' to be of type String.");
  EXPECT_EQ(error_of(R"({"type":1,"target":"T","arguments":[],"streamIds":[1]})"),
            "Expected 'streamIds' to be of type Array of String.");
  EXPECT_EQ(error_of(R"({"type":1,"target":"T","arguments":[],"headers":{"a":1}})"),
            "Expected 'headers' to be of type Object of String.");
  EXPECT_EQ(error_of(R"({"type":7,"allowReconnect":"yes"})"), "Expected 'allowReconnect' to be of type Boolean.");
  EXPECT_EQ(error_of(R"({"type":3,"invocationId":"1","result":1,"error":"e"})"),
            "The 'error' and 'result' properties are mutually exclusive.");
  EXPECT_EQ(error_of("[]"), "A message must be a JSON object.");
  EXPECT_TRUE(error_of("").starts_with("Not JSON"));
  EXPECT_TRUE(error_of(R"({"type":1,"Target":"T","arguments":[]})").starts_with("Missing")) << "case matters";
}

TEST(JsonProtocol, BoundsTheMessageNotTheInput) {
  const std::string message = std::string(R"({"type":6,"x":")") + std::string(80, 'x') + "\"}\x1E";
  const ProtocolLimits exact{.message_bytes_max = message.size()};
  const ProtocolLimits less{.message_bytes_max = message.size() - 1};
  const std::string twice = message + message;
  std::string_view input = twice;
  EXPECT_TRUE(kJson.parse(input, exact) && kJson.parse(input, exact));
  EXPECT_TRUE(input.empty());
  input = message;
  EXPECT_FALSE(kJson.parse(input, less));
  for (std::size_t size = 0; size < message.size(); ++size) {
    input = std::string_view(message).substr(0, size);
    const auto result = kJson.parse(input, less);
    ASSERT_EQ(result.has_value(), size < less.message_bytes_max) << size;
  }
  input = message;
  EXPECT_EQ(kJson.parse(input, less).error().text,
            "The maximum message size of " + std::to_string(less.message_bytes_max) + "B was exceeded.");
}

TEST(JsonProtocol, BoundsTheNesting) {
  std::string_view input = "{\"type\":6,\"x\":[[]]}\x1E";
  std::string_view again = input;
  EXPECT_TRUE(kJson.parse(input, {.nesting_max = 3}));
  EXPECT_FALSE(kJson.parse(again, {.nesting_max = 2}));
}

// Reads `arguments` in an otherwise correct call, and returns the arguments as read.
Value::Array arguments_of(const std::string& arguments) {
  for (const std::string before : {R"("target":"T","invocationId":"1")", R"("x":{"y":["]}\""]})"}) {
    const std::string more = before[1] == 'x' ? R"(,"target":"T","invocationId":"1")" : "";
    const HubMessage message = read("{\"type\":1," + before + ",\"arguments\":" + arguments + more + "}");
    const auto* call = std::get_if<Invocation>(&message);
    if (call == nullptr) return {};
    EXPECT_EQ(call->invocation_id, "1");
    EXPECT_EQ(call->target, "T");
    if (!more.empty()) return call->arguments;
  }
  return {};
}

bool is_unreadable(const Value& value, const std::string& reason) {
  const auto* unreadable = value.get_if<Unreadable>();
  return unreadable != nullptr && unreadable->reason.find(reason) != std::string::npos;
}

TEST(JsonProtocol, AnArgumentThatCannotBeReadIsToldApartFromTheRest) {
  for (const char* half : {R"("\ud83d")", R"("Hi \ud83d!")", R"("\ude00")", R"("\ud83d\u0041")", "\"\xFF\""}) {
    const Value::Array arguments =
        arguments_of(std::string(R"( [ "conv" , {"a":1,"content":)") + half + R"(,"b":[2]}, 3])");
    ASSERT_EQ(arguments.size(), 3u) << half;
    EXPECT_EQ(arguments[0], Value("conv"));
    EXPECT_EQ(*arguments[1].find("a"), Value(1));
    EXPECT_TRUE(is_unreadable(*arguments[1].find("content"), "cannot be read")) << half;
    EXPECT_EQ(*arguments[1].find("b"), Value(Value::Array{2}));
    EXPECT_EQ(arguments[2], Value(3));
  }
  const Value::Array two = arguments_of(R"(["\ud83d",1,"\ud83d"])");
  ASSERT_EQ(two.size(), 3u);
  EXPECT_TRUE(is_unreadable(two[0], "") && is_unreadable(two[2], ""));
  const Value::Array comma = arguments_of(R"(["conv",])");
  ASSERT_EQ(comma.size(), 2u);
  EXPECT_TRUE(is_unreadable(comma[1], ""));
  const Value::Array deep = arguments_of(std::string(600, '[') + std::string(600, ']'));
  ASSERT_EQ(deep.size(), 1u);
  EXPECT_FALSE(deep[0].is_readable());
  const Value::Array key = arguments_of(R"(["conv",{"\ud83d":1}])");
  ASSERT_EQ(key.size(), 2u);
  EXPECT_TRUE(is_unreadable(key[1], ""));
}

TEST(JsonProtocol, AnItemAndAResultThatCannotBeReadAreToldApartToo) {
  EXPECT_TRUE(is_unreadable(std::get<StreamItem>(read(R"({"type":2,"invocationId":"1","item":"\ud83d"})")).item, ""));
  const HubMessage completion = read(R"({"type":3,"invocationId":"1","result":["\ud83d"]})");
  EXPECT_FALSE(std::get<Value>(std::get<Completion>(completion).outcome).is_readable());
}

TEST(JsonProtocol, WhatTheMessageItselfIsMadeOfMustBeReadable) {
  for (const char* message :
       {R"({"type":1,"target":"\ud83d","arguments":[],"invocationId":"1"})",
        R"({"type":1,"target":"T","arguments":["a"])",
        R"({"type":1,"target":"T","arguments":[],"invocationId":"\ud83d"})",
        R"({"type":1,"target":"T","arguments":["\ud83d"],"invocationId":"\ud83d"})",
        R"({"type":1,"target":"T","arguments":[],"headers":{"a":"\ud83d"}})",
        R"({"type":1,"target":"T","arguments":["\ud83d"]}})", R"({"type":1,"target":"T","x":"\ud83d","arguments":[]})",
        R"({"type":1,"target":"T","arguments":["\ud83d","\ud83d","\ud83d","\ud83d","\ud83d"]})"}) {
    EXPECT_TRUE(error_of(message).starts_with("Not JSON")) << message << error_of(message);
  }
}

TEST(JsonProtocol, WritesWhatClientsExpect) {
  const auto expect = [](const HubMessage& message, const std::string& json) {
    EXPECT_EQ(kJson.write(message), json + '\x1E');
  };
  expect(Invocation{.target = "ReceiveMessage", .arguments = {RawJson{R"({"id":"1"})"}}},
         R"({"type":1,"target":"ReceiveMessage","arguments":[{"id":"1"}]})");
  expect(
      Invocation{.target = "q\"",
                 .arguments = {1, "b"},
                 .invocation_id = "x",
                 .stream_ids = {"1", "2"},
                 .headers = {{"k", "v"}, {"l", ""}}},
      R"({"type":1,"invocationId":"x","headers":{"k":"v","l":""},"target":"q\"","arguments":[1,"b"],"streamIds":["1","2"]})");
  expect(StreamItem{.invocation_id = "1", .item = "a"}, R"({"type":2,"invocationId":"1","item":"a"})");
  expect(Completion{.invocation_id = "1"}, R"({"type":3,"invocationId":"1"})");
  expect(Completion{.invocation_id = "1", .outcome = Value()}, R"({"type":3,"invocationId":"1","result":null})");
  expect(Completion{.invocation_id = "1", .outcome = Failure{"no"}}, R"({"type":3,"invocationId":"1","error":"no"})");
  expect(Completion{.invocation_id = "1", .outcome = Failure{}},
         R"({"type":3,"invocationId":"1","error":"An error occurred."})");
  expect(CancelInvocation{.invocation_id = "1"}, R"({"type":5,"invocationId":"1"})");
  expect(Ping{}, R"({"type":6})");
  expect(Close{}, R"({"type":7})");
  expect(Close{.error = "e", .allow_reconnect = true}, R"({"type":7,"error":"e","allowReconnect":true})");
  expect(Ack{3}, R"({"type":8,"sequenceId":3})");
  expect(Sequence{4}, R"({"type":9,"sequenceId":4})");
}

TEST(JsonProtocol, ReadsWhatItWrites) {
  for (const HubMessage& message : kSampleMessages) {
    const std::string bytes = kJson.write(message);
    std::string_view input = bytes;
    const auto read_back = kJson.parse(input, {});
    ASSERT_TRUE(read_back && *read_back) << bytes;
    EXPECT_EQ(**read_back, message) << bytes;
  }
}

TEST(JsonProtocolMutation, VerdictDoesNotDependOnTheCuts) {
  std::mt19937 random(20262);
  const std::string spice = "{}[]\",:\\u019-eE.\x1E\xFFnulltrue ";
  int failed = 0;
  int passed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t count = 1 + random() % 4; count > 0; --count)
      bytes += kJson.write(kSampleMessages[random() % kSampleMessages.size()]);
    for (std::size_t changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      if (random() % 2 == 0) bytes[at] = spice[random() % spice.size()];
      if (random() % 4 == 0) bytes.erase(at, random() % 5);
      if (random() % 4 == 0) bytes.insert(at, bytes.substr(random() % (bytes.size() + 1), 30));
      if (bytes.empty()) bytes = "{";
    }
    expect_same_verdict_however_cut(kJson, bytes, random, passed, failed);
  }
  EXPECT_GT(failed, 2000);
  EXPECT_GT(passed, 2000);
}

}  // namespace
}  // namespace signalr
