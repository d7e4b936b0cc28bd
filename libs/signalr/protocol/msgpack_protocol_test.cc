#include "signalr/protocol/msgpack_protocol.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "signalr/protocol/msgpack_value.h"
#include "signalr/protocol/protocol_verdict.h"

namespace signalr {
namespace {

using namespace std::string_literals;
using Array = Value::Array;
using Object = Value::Object;

const MessagePackProtocol kMessagePack;

std::string framed(const Value& message) {
  std::string body;
  append_msgpack(body, message);
  return static_cast<char>(body.size()) + body;  // short enough for one byte
}

HubMessage read_bytes(const std::string& bytes) {
  std::string_view input = bytes;
  const auto message = kMessagePack.parse(input, {});
  EXPECT_TRUE(message && *message);
  EXPECT_TRUE(input.empty());
  return message && *message ? **message : HubMessage(Ping{});
}

HubMessage read(const Value& elements) { return read_bytes(framed(elements)); }

std::string error_of(std::string_view input) {
  const auto message = kMessagePack.parse(input, {});
  return message ? "no error" : message.error().text;
}

std::string error_of(const Array& elements) { return error_of(framed(elements)); }

TEST(MessagePackProtocol, ReadsWhatJavaScriptSends) {
  EXPECT_EQ(read(Array{1, Object{}, nullptr, "T", Array{1, "a"}}),
            HubMessage(Invocation{.target = "T", .arguments = {1, "a"}}));
  EXPECT_EQ(read(Array{1, Object{}, "", "T", Array{}}), HubMessage(Invocation{.target = "T"}));
  EXPECT_EQ(read(Array{4, Object{}, "0", "S", Array{}}),
            HubMessage(StreamInvocation{.target = "S", .invocation_id = "0"}));
  EXPECT_EQ(read(Array{7, nullptr}), HubMessage(Close{}));
  std::string_view ping = "\x02\x91\x06";
  EXPECT_EQ(**kMessagePack.parse(ping, {}), HubMessage(Ping{}));
}

TEST(MessagePackProtocol, ReadsEveryTypeAndIgnoresSurplusElements) {
  EXPECT_EQ(read(Array{1, Object{{"h", "v"}}, "9", "T", Array{}, Array{"s"}, "more"}),
            HubMessage(Invocation{.target = "T", .invocation_id = "9", .stream_ids = {"s"}, .headers = {{"h", "v"}}}));
  EXPECT_EQ(read(Array{2, nullptr, "1", 5.0, 0}), HubMessage(StreamItem{.invocation_id = "1", .item = 5.0}));
  EXPECT_EQ(read(Array{3, Object{}, "1", 1, "bad", 0}),
            HubMessage(Completion{.invocation_id = "1", .outcome = Failure{"bad"}}));
  EXPECT_EQ(read(Array{3, Object{}, "1", 2}), HubMessage(Completion{.invocation_id = "1"}));
  EXPECT_EQ(read(Array{3, Object{}, "1", 3, nullptr}),
            HubMessage(Completion{.invocation_id = "1", .outcome = Value()}));
  EXPECT_EQ(read(Array{5, Object{}, "1", 0}), HubMessage(CancelInvocation{.invocation_id = "1"}));
  EXPECT_EQ(read(Array{6, 0}), HubMessage(Ping{}));
  EXPECT_EQ(read(Array{7, "e", true, 0}), HubMessage(Close{.error = "e", .allow_reconnect = true}));
  EXPECT_EQ(read(Array{8, 3, 0}), HubMessage(Ack{3}));
  EXPECT_EQ(read(Array{9, -3, 0}), HubMessage(Sequence{-3}));
}

TEST(MessagePackProtocol, TakesUnknownTypesOneByOne) {
  const std::string bytes = framed(Array{77, "x"}) + framed(Array{6});
  std::string_view input = bytes;
  EXPECT_EQ(**kMessagePack.parse(input, {}), HubMessage(Unknown{}));
  EXPECT_EQ(**kMessagePack.parse(input, {}), HubMessage(Ping{}));
  EXPECT_TRUE(input.empty());
}

TEST(MessagePackProtocol, NamesTheElementThatIsMissingOrWrong) {
  EXPECT_EQ(error_of(Array{}), "Missing required element 'type'.");
  EXPECT_EQ(error_of(Array{1, Object{}, nullptr, "T"}), "Missing required element 'arguments'.");
  EXPECT_EQ(error_of(Array{1, Object{}, nullptr, nullptr, Array{}}), "Reading 'target' as String failed.");
  EXPECT_EQ(error_of(Array{1, 5, nullptr, "T", Array{}}), "Reading 'headers' as Map failed.");
  EXPECT_EQ(error_of(Array{1, Object{{"a", 1}}, nullptr, "T", Array{}}), "Reading 'headers' as Map of String failed.");
  EXPECT_EQ(error_of(Array{1, Object{}, 7, "T", Array{}}), "Reading 'invocationId' as String failed.");
  EXPECT_EQ(error_of(Array{1, Object{}, "1", "T", Array{}, Array{1}}),
            "Reading 'streamIds' as Array of String failed.");
  EXPECT_EQ(error_of(Array{4, Object{}, nullptr, "T", Array{}}), "Reading 'invocationId' as String failed.");
  EXPECT_EQ(error_of(Array{3, Object{}, "1", 4}), "Reading 'resultKind' as 1, 2 or 3 failed.");
  EXPECT_EQ(error_of(Array{3, Object{}, "1", 3}), "Missing required element 'result'.");
  EXPECT_EQ(error_of(Array{7, nullptr, 1}), "Reading 'allowReconnect' as Boolean failed.");
  EXPECT_EQ(error_of("\x01\xC0"), "A message must be a MessagePack array.");
  EXPECT_EQ(error_of("\x00"s), "Not MessagePack: the message ends within a value.");
}

// A call in MessagePack; `arguments` are in their form on the wire.
Invocation call_of(const std::string& arguments, const std::string& target = "\xA1T") {
  const std::string body =
      "\x96\x01\x80\xA1"
      "1" +
      target + arguments + "\x90";
  std::string bytes;
  for (std::size_t left = body.size();; left >>= 7) {
    bytes.push_back(static_cast<char>(left < 0x80 ? left : (left | 0x80)));
    if (left < 0x80) break;
  }
  const HubMessage message = read_bytes(bytes + body);
  const auto* call = std::get_if<Invocation>(&message);
  return call == nullptr ? Invocation{} : *call;
}

TEST(MessagePackProtocol, WhatCannotBeReadInACallIsToldApartFromTheRest) {
  const auto reason = [](const Value& value) {
    const auto* unreadable = value.get_if<Unreadable>();
    return unreadable == nullptr ? "readable" : unreadable->reason;
  };
  const Invocation text = call_of(
      "\x92\xA1\xFF\x81\xA1k\xA3"
      "a\xE4\xBD");
  ASSERT_EQ(text.arguments.size(), 2u);
  EXPECT_EQ(text.invocation_id, "1");
  EXPECT_EQ(reason(text.arguments[0]), "is not UTF-8");
  EXPECT_EQ(reason(*text.arguments[1].find("k")), "is not UTF-8");
  EXPECT_EQ(reason(call_of("\xC0").arguments.at(0)), "must be an array");
  EXPECT_EQ(reason(call_of("\x91\x81\x01\x02").arguments.at(0)), "has a key that is no readable string");
  EXPECT_EQ(reason(call_of("\x91\xD4\x05\x01").arguments.at(0)),
            "is an extension of MessagePack other than the timestamp (-1, of 4, 8 or 12 bytes)");
  const Invocation deep = call_of("\x92" + std::string(600, '\x91') + "\xC0\x07");
  ASSERT_EQ(deep.arguments.size(), 2u);
  EXPECT_FALSE(deep.arguments[0].is_readable());
  EXPECT_EQ(deep.arguments[1], Value(7));
  EXPECT_EQ(call_of("\x90",
                    "\xA4\xFF\xFE"
                    "a\xE4")
                .target,
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "a\xEF\xBF\xBD");
  EXPECT_EQ(call_of("\x90", "\xA0").target, "");
}

TEST(MessagePackProtocol, BytesBehindTheArrayDoNoHarm) {
  EXPECT_EQ(read_bytes("\x04\x91\x06\xC0\xC0"), HubMessage(Ping{}));
}

TEST(MessagePackProtocol, LengthsTakeUpToFiveBytes) {
  const ProtocolLimits unlimited{.message_bytes_max = std::numeric_limits<std::size_t>::max()};
  for (const std::size_t size : {10U, 127U, 128U, 16383U, 16384U, 2'100'000U}) {
    const HubMessage message = StreamItem{.invocation_id = "1", .item = std::string(size, 'x')};
    const std::string bytes = kMessagePack.write(message);
    std::string_view input = bytes;
    const auto read_back = kMessagePack.parse(input, unlimited);
    ASSERT_TRUE(read_back && *read_back) << size;
    EXPECT_EQ(**read_back, message) << size;
  }
  const std::string padded_bytes = "\x82\x80\x80\x80\x00\x91\x06"s;
  std::string_view padded = padded_bytes;
  EXPECT_EQ(**kMessagePack.parse(padded, {}), HubMessage(Ping{}));
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\x08"), "Messages over 2GB in size are not supported.");
  EXPECT_EQ(error_of("\x80\x80\x80\x80\x80"), "Messages over 2GB in size are not supported.");
}

TEST(MessagePackProtocol, BoundsTheMessageByItsLengthAlone) {
  const auto refuses = [](std::string_view input) { return !kMessagePack.parse(input, {.message_bytes_max = 100}); };
  EXPECT_FALSE(refuses("\x63")) << "99 bytes and one of length";
  EXPECT_TRUE(refuses("\x64"));
  EXPECT_EQ(error_of("\xFD\xFF\x01"), "no error") << "32765 bytes and three of length";
  EXPECT_EQ(error_of("\xFE\xFF\x01"), "The maximum message size of 32768B was exceeded.");
}

TEST(MessagePackProtocol, WritesWhatClientsExpect) {
  const auto expect = [](const HubMessage& message, const Array& elements) {
    EXPECT_EQ(kMessagePack.write(message), framed(elements));
  };
  expect(Invocation{.target = "T", .arguments = {RawJson{R"({"k":1})"}}},
         {1, Object{}, nullptr, "T", Array{Object{{"k", 1}}}, Array{}});
  expect(Invocation{.target = "T", .invocation_id = "i", .stream_ids = {"s"}, .headers = {{"a", "b"}}},
         {1, Object{{"a", "b"}}, "i", "T", Array{}, Array{"s"}});
  expect(StreamInvocation{.target = "T", .invocation_id = "i"}, {4, Object{}, "i", "T", Array{}, Array{}});
  expect(StreamItem{.invocation_id = "i", .item = 1}, {2, Object{}, "i", 1});
  expect(Completion{.invocation_id = "i", .outcome = Failure{"e"}}, {3, Object{}, "i", 1, "e"});
  expect(Completion{.invocation_id = "i", .outcome = Failure{}}, {3, Object{}, "i", 1, "An error occurred."});
  expect(Completion{.invocation_id = "i"}, {3, Object{}, "i", 2});
  expect(Completion{.invocation_id = "i", .outcome = Value()}, {3, Object{}, "i", 3, nullptr});
  expect(CancelInvocation{.invocation_id = "i"}, {5, Object{}, "i"});
  expect(Ping{}, {6});
  expect(Close{}, {7, nullptr, false});
  expect(Close{.error = "e", .allow_reconnect = true}, {7, "e", true});
  expect(Ack{1}, {8, 1});
  expect(Sequence{300}, {9, 300});
}

TEST(MessagePackProtocolMutation, VerdictDoesNotDependOnTheCuts) {
  std::mt19937 random(20263);
  int failed = 0;
  int passed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t count = 1 + random() % 4; count > 0; --count) {
      bytes += kMessagePack.write(kSampleMessages[random() % kSampleMessages.size()]);
    }
    for (std::size_t changes = random() % 4; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    expect_same_verdict_however_cut(kMessagePack, bytes, random, passed, failed);
  }
  EXPECT_GT(failed, 2000);
  EXPECT_GT(passed, 2000);
}

}  // namespace
}  // namespace signalr
