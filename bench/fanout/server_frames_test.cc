#include "bench/fanout/server_frames.h"

#include <gtest/gtest.h>

namespace message_service::bench {
namespace {

std::string frame(char first, std::string_view payload) {
  std::string bytes(1, first);
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else if (payload.size() < 65536) {
    bytes += {126, static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 0xFF)};
  } else {
    bytes += {127, 0, 0, 0, 0};
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift & 0xFF);
  }
  return bytes + std::string(payload);
}

std::string json_message(std::uint64_t number, std::uint64_t sequence) {
  return R"({"type":1,"target":"ReceiveMessage","arguments":[{"id":"ab","sequence":)" + std::to_string(sequence) +
         R"(,"content":")" + numbered_content(number, 40) + "\"}]}\x1e";
}

std::string packed_message(std::uint64_t number, std::string_view sequence) {
  return std::string("\x95\x01\x80\xc0\xaeReceiveMessage\x91\x82\xa8sequence") + std::string(sequence) +
         "\xa7"
         "content\xb4" +
         numbered_content(number, 20);
}

TEST(ServerFrames, AreTakenWholeAtEverySizeOfLength) {
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 100'000}) {
    const std::string payload(size, 'p');
    const std::string bytes = frame('\x81', payload) + "rest";
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, bytes.size() - 5}) {
      std::string_view part = std::string_view(bytes).substr(0, cut);
      EXPECT_FALSE(take_frame(part)) << size << " cut at " << cut;
      EXPECT_EQ(part.size(), cut) << "nothing is taken";
    }
    std::string_view input = bytes;
    const auto taken = take_frame(input);
    ASSERT_TRUE(taken) << size;
    EXPECT_EQ(taken->kind, FrameKind::text);
    EXPECT_EQ(taken->payload, payload);
    EXPECT_EQ(taken->whole.size(), bytes.size() - 4);
    EXPECT_EQ(input, "rest");
  }
}

TEST(ServerFrames, TheHeadOfTheUpgradeIsTakenWhenItIsWhole) {
  std::string_view input = "HTTP/1.1 101 x\r\nA: b\r\n\r";
  EXPECT_TRUE(take_head(input).empty());
  input = "HTTP/1.1 101 x\r\nA: b\r\n\r\nrest";
  EXPECT_TRUE(take_head(input).starts_with("HTTP/1.1 101"));
  EXPECT_EQ(input, "rest");
}

TEST(ServerFrames, ADeliveryIsKnownByItsNumberAndSequenceInBothProtocols) {
  const auto json = read_delivery(HubProtocolKind::json, json_message(123'456, 9'007'199));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->number, 123'456u);
  EXPECT_EQ(json->sequence, 9'007'199u);
  using namespace std::string_view_literals;
  for (const auto& [bytes, value] : {std::pair{"\x07"sv, 7ul},
                                     {"\xcc\xc8"sv, 200ul},
                                     {"\xcd\x01\x02"sv, 258ul},
                                     {"\xce\x00\x01\x00\x00"sv, 65536ul},
                                     {"\xcf\x00\x00\x00\x01\x00\x00\x00\x02"sv, 4294967298ul},
                                     {"\xd1\x01\x00"sv, 256ul}}) {
    const auto packed = read_delivery(HubProtocolKind::messagepack, packed_message(5, bytes));
    ASSERT_TRUE(packed) << value;
    EXPECT_EQ(packed->number, 5u);
    EXPECT_EQ(packed->sequence, value);
  }
}

TEST(ServerFrames, WhatIsNoMessageOfTheBenchIsNoDelivery) {
  EXPECT_FALSE(read_delivery(HubProtocolKind::json, "{\"type\":6}\x1e"));
  EXPECT_FALSE(read_delivery(HubProtocolKind::json, "{\"type\":3,\"invocationId\":\"1\"}\x1e"));
  EXPECT_FALSE(read_delivery(HubProtocolKind::json,
                             R"({"type":1,"target":"ReceiveMessage","arguments":[{"sequence":1,"content":"hello"}]})"));
  EXPECT_FALSE(read_delivery(HubProtocolKind::messagepack, "\x91\x06"));
}

TEST(ServerFrames, TheAnswerToJoiningTellsTheLastSequence) {
  EXPECT_EQ(number_after(HubProtocolKind::json, R"({"result":{"lastSequence":41}})", "lastSequence"), 41u);
  EXPECT_EQ(number_after(HubProtocolKind::messagepack, "\xaclastSequence\x29", "lastSequence"), 41u);
  EXPECT_FALSE(number_after(HubProtocolKind::json, R"({"error":"there is no such conversation"})", "lastSequence"));
}

TEST(ServerFrames, ContentHasItsNumberAndItsLength) {
  EXPECT_EQ(numbered_content(7, 0), "bench 000000000007 ");
  EXPECT_EQ(numbered_content(7, 2000).size(), 2000u);
  EXPECT_EQ(numbered_content(7, 2000), numbered_content(7, 2000));
  EXPECT_GE(content_bytes_min, numbered_content(7, 0).size());
}

TEST(DeliveryReader, LooksIntoTheSameBytesOnce) {
  DeliveryReader reader(HubProtocolKind::json);
  for (std::uint64_t number = 0; number < 100; ++number) {
    for (int client = 0; client < 3; ++client) {
      const auto seen = reader.read(json_message(number, number + 1), false);
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->for_the_first_time, client == 0);
      EXPECT_EQ(seen->delivery.number, number);
      EXPECT_EQ(seen->delivery.sequence, number + 1);
    }
  }
  EXPECT_FALSE(reader.read("{\"type\":6}\x1e", false));
}

// The compressed "Hello" of RFC 7692, section 7.2.3.1.
TEST(DeliveryReader, LooksIntoWhatIsCompressed) {
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  EXPECT_EQ(inflated(hello), "Hello");
  EXPECT_FALSE(inflated("Hello"));
  std::string_view input = "\xC1\x01p";
  EXPECT_TRUE(take_frame(input)->compressed);
  DeliveryReader reader(HubProtocolKind::json);
  EXPECT_FALSE(reader.read(hello, true)) << "no message of the bench";
  const std::string message = json_message(5, 6);
  const auto size = static_cast<char>(message.size());
  const std::string stored = std::string("\0", 1) + size + '\0' + static_cast<char>(~size) + '\xFF' + message + '\0';
  ASSERT_TRUE(reader.read(stored, true));
  EXPECT_EQ(reader.read(stored, true)->delivery.sequence, 6u);
}

}  // namespace
}  // namespace message_service::bench
