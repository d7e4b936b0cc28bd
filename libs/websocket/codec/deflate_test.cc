// Compressed messages out and in: the deflater, the inflater, and the parser that uses the inflater.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "support/cpp/frame_transcript.h"
#include "websocket/codec/deflater.h"
#include "websocket/codec/inflater.h"

namespace websocket {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

constexpr std::uint64_t kBytesMax = 100'000;

// A frame as a client sends it; a message's first frame has the mark of compression.
std::string compressed(Opcode opcode, std::string_view payload, bool fin = true) {
  std::string bytes = masked_frame(opcode, payload, {0x11, 0x82, 0xF3, 0x04}, fin);
  if (opcode != Opcode::continuation) mark_deflated(bytes);
  return bytes;
}

std::string plain(Opcode opcode, std::string_view payload, bool fin = true) {
  return masked_frame(opcode, payload, {0x21, 0x92, 0x03, 0x14}, fin);
}

// Checks that the parser reads the same however the bytes are cut.
Lines read(std::string_view bytes, std::uint64_t inflated_bytes_max = kBytesMax) {
  FrameTranscript whole(Role::server, FrameParser::kUnlimited, inflated_bytes_max);
  whole.feed(bytes);
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    FrameTranscript pieces(Role::server, FrameParser::kUnlimited, inflated_bytes_max);
    pieces.feed_in_pieces(bytes, piece);
    EXPECT_EQ(pieces.lines(), whole.lines()) << piece;
  }
  return whole.lines();
}

int error_of(std::string_view bytes, std::uint64_t inflated_bytes_max = kBytesMax) {
  FrameTranscript transcript(Role::server, FrameParser::kUnlimited, inflated_bytes_max);
  transcript.feed(bytes);
  return transcript.error();
}

std::string prose(std::size_t bytes) {
  constexpr std::array words{"school ", "bus ", "tomorrow ", "gr\xC3\xBC\xC3\x9F ", "the "};
  std::mt19937 random(7);
  std::string text;
  while (text.size() < bytes) text.append(words[random() % words.size()]);
  return text;
}

std::string noise(std::size_t bytes) {
  std::mt19937 random(8);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Deflater, MakesAMessageShorterWhereThatCanBe) {
  EXPECT_LT(deflated(prose(4096)).size(), 1024U);
  EXPECT_EQ(deflated(""), "\0"s);
  for (const std::size_t bytes : {1, 100, 2000, 200'000}) {
    const std::string message = noise(bytes);
    const std::string payload = deflated(message);
    EXPECT_LT(payload.size(), bytes + bytes / 500 + 10);
    EXPECT_EQ(read(compressed(Opcode::binary, payload), 200'000), Lines{"binary " + message});
  }
}

TEST(Deflater, LooksBackNoFurtherThanTheWindow) {
  const std::string beginning = noise(200);
  for (const int bits : {8, 9, 10, 12, 14}) {
    const std::string near = beginning + noise((std::size_t{1} << bits) / 8).substr(8) + beginning;
    const std::string far = beginning + noise(std::size_t{1} << bits) + beginning;
    EXPECT_GT(deflated(far, bits).size(), deflated(far).size() + 100) << bits;
    EXPECT_EQ(read(compressed(Opcode::binary, deflated(far, bits))), Lines{"binary " + far});
    EXPECT_EQ(read(compressed(Opcode::binary, deflated(near, bits))), Lines{"binary " + near});
  }
}

TEST(Deflater, KeepsNothingOfTheMessageBefore) {
  const std::string once = deflated(prose(2000));
  EXPECT_EQ(deflated(prose(2000)), once);
}

TEST(Deflater, MakesWholeFrames) {
  const std::string message = prose(70'000);
  const auto bytes = deflated_frame(Opcode::binary, message);
  ASSERT_TRUE(bytes);
  EXPECT_EQ((*bytes)[0], '\xC2') << "FIN, RSV1, binary";
  EXPECT_EQ(payload_of(*bytes), deflated(message));
  FrameTranscript client(Role::client, FrameParser::kUnlimited, kBytesMax);
  client.feed(*bytes);
  EXPECT_EQ(client.lines(), Lines{"binary " + message});
  for (const std::string& kept : {""s, "Hi"s, noise(2000)}) EXPECT_FALSE(deflated_frame(Opcode::text, kept));
}

// RFC 7692, section 7.2.3.
TEST(CompressedMessages, AreReadAsTheExamplesOfTheRfc) {
  for (const std::string& payload : {
           "\xf2\x48\xcd\xc9\xc9\x07\x00"s,                          // one block
           "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s,          // not compressed
           "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s,                      // its last block is marked as the last
           "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s,  // two blocks
       }) {
    EXPECT_EQ(read(compressed(Opcode::text, payload)), Lines{"text Hello"});
  }
  EXPECT_EQ(read(compressed(Opcode::text, "\x00"s)), Lines{"text "});
  EXPECT_EQ(
      read(compressed(Opcode::text, "\xf2\x48\xcd", false) + compressed(Opcode::continuation, "\xc9\xc9\x07\x00"s)),
      Lines{"text Hello"});
}

TEST(CompressedMessages, ComeInFragmentsWithControlFramesBetweenAndPlainOnesBeside) {
  const std::string payload = deflated(prose(50'000));
  const std::string bytes = plain(Opcode::text, "first") + compressed(Opcode::text, payload.substr(0, 100), false) +
                            plain(Opcode::ping, "p") + compressed(Opcode::continuation, "", false) +
                            compressed(Opcode::continuation, payload.substr(100, 1), false) +
                            compressed(Opcode::continuation, payload.substr(101), false) +
                            compressed(Opcode::continuation, "") + plain(Opcode::binary, "then") +
                            compressed(Opcode::binary, payload);
  EXPECT_EQ(read(bytes),
            (Lines{"text first", "ping p", "text " + prose(50'000), "binary then", "binary " + prose(50'000)}));
}

TEST(CompressedMessages, HoldNoneOfTheMessageBefore) {
  const std::string hello = compressed(Opcode::text, "\xf2\x48\xcd\xc9\xc9\x07\x00"s);
  EXPECT_EQ(read(hello + hello), (Lines{"text Hello", "text Hello"}));
  EXPECT_EQ(error_of(hello + compressed(Opcode::text, "\xf2\x00\x11\x00\x00"s)), close_code::invalid_payload)
      << "a client that keeps its context, against what was agreed on";
}

TEST(CompressedMessages, TheBitStandsOnTheFirstFrameOfAMessageOnly) {
  const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
  std::string second = compressed(Opcode::continuation, hello.substr(3));
  mark_deflated(second);
  EXPECT_EQ(error_of(compressed(Opcode::text, hello.substr(0, 3), false) + second), close_code::protocol_error);
  EXPECT_EQ(error_of(plain(Opcode::text, "x", false) + second), close_code::protocol_error);
  for (const Opcode control : {Opcode::ping, Opcode::pong, Opcode::close}) {
    EXPECT_EQ(error_of(compressed(control, "")), close_code::protocol_error);
  }
  for (const char other : {'\x20', '\x10'}) {
    std::string bytes = compressed(Opcode::text, hello);
    bytes[0] = static_cast<char>(bytes[0] | other);
    EXPECT_EQ(error_of(bytes), close_code::protocol_error);
  }
  FrameTranscript without_agreement;
  without_agreement.feed(compressed(Opcode::text, hello));
  EXPECT_EQ(without_agreement.error(), close_code::protocol_error);
}

TEST(CompressedMessages, WhatIsNoDeflateIsInvalid) {
  const std::string payload = deflated(prose(5000));
  for (const std::string& broken : {
           ""s, "\xff"s, "\x07"s,                        // no valid block type
           "\x00\x05\x00\xfa\xfe\x48"s,                  // a length that contradicts itself
           "\xf2\x48\xcd\xc9\xc9"s,                      // cut off
           payload.substr(0, payload.size() - 2),        // cut off too
           "\x00\x05\x00\xfa\xff\x48\x65"s,              // in a block that is not compressed
           "\xf3\x48\xcd\xc9\xc9\x07"s,                  // a last block and nothing after it
           "\x01\x02\x00\xfd\xff\x48\x65\x02\x00\x00"s,  // looks back before the beginning
       }) {
    EXPECT_EQ(read(compressed(Opcode::binary, broken)).back(), "error 1007 message is not compressed rightly")
        << testing::PrintToString(broken);
  }
}

TEST(CompressedMessages, TextIsUtf8WhenInflated) {
  const std::string cut = prose(3000) + "gr\xC3";
  EXPECT_EQ(read(compressed(Opcode::binary, deflated(cut))), Lines{"binary " + cut});
  EXPECT_EQ(read(compressed(Opcode::text, deflated(cut))), Lines{"error 1007 text message is not UTF-8"});
  const std::string wrong = prose(20'000) + "\xFF" + prose(50'000);
  const std::string frame = compressed(Opcode::text, deflated(wrong));
  EXPECT_EQ(read(frame), Lines{"error 1007 text message is not UTF-8"});
  EXPECT_EQ(error_of(frame.substr(0, frame.size() * 2 / 3)), close_code::invalid_payload) << "as soon as it shows";
}

TEST(CompressedMessages, TheLimitIsThatOfTheInflatedMessage) {
  const std::string message = prose(30'000);
  const std::string frame = compressed(Opcode::text, deflated(message));
  EXPECT_EQ(read(frame + frame, message.size()), (Lines{"text " + message, "text " + message}));
  EXPECT_EQ(read(frame, message.size() - 1), Lines{"error 1009 message is too big"});
  const std::string wrong = prose(20'000) + "\xFF" + prose(50'000);
  EXPECT_EQ(error_of(compressed(Opcode::text, deflated(wrong)), 10'000), close_code::too_big);
  EXPECT_EQ(error_of(compressed(Opcode::text, deflated(wrong)), 30'000), close_code::invalid_payload);
  FrameTranscript plain_limit(Role::server, 10, 1000);
  plain_limit.feed(compressed(Opcode::text, deflated(prose(500))) + plain(Opcode::text, "12345678901"));
  EXPECT_EQ(plain_limit.lines().size(), 2U);
  EXPECT_EQ(plain_limit.error(), close_code::too_big);
}

// A message of 64 MiB with a limit of 1 MiB: it ends at the limit, and the parser returns no more than a portion at
// once.
TEST(CompressedMessages, ABombEndsAtTheLimitInPortions) {
  std::string payload = deflated(std::string(std::size_t{64} << 20, 'x'));
  std::string bytes = compressed(Opcode::binary, payload);
  FrameParser parser(Role::server, FrameParser::kUnlimited, std::uint64_t{1} << 20);
  std::span<char> input(bytes);
  std::size_t told = 0;
  Event event = parser.next(input);
  for (; std::holds_alternative<Data>(event); event = parser.next(input)) {
    const std::size_t size = std::get<Data>(event).bytes.size();
    EXPECT_LE(size, 16U * 1024);
    told += size;
  }
  ASSERT_TRUE(std::holds_alternative<ParseError>(event));
  EXPECT_EQ(std::get<ParseError>(event).close_code, close_code::too_big);
  EXPECT_LE(told, std::size_t{1} << 20);
  EXPECT_GT(input.size(), bytes.size() / 2) << "what follows is not looked at";
}

// The parser returns portions without input when the input is used up.
TEST(CompressedMessages, WhatIsInflatedAlreadyIsToldWithoutMoreInput) {
  std::string bytes = compressed(Opcode::binary, deflated(std::string(100'000, 'x')));
  FrameParser parser(Role::server, FrameParser::kUnlimited, kBytesMax);
  std::span<char> input = std::span(bytes).first(bytes.size() - 1);
  std::size_t told = 0;
  for (Event event = parser.next(input); std::holds_alternative<Data>(event); event = parser.next(input)) {
    told += std::get<Data>(event).bytes.size();
    if (input.empty() && !parser.has_more()) break;
  }
  EXPECT_GT(told, 64U * 1024);
  EXPECT_FALSE(parser.has_more());
  EXPECT_TRUE(std::holds_alternative<NeedMore>(parser.next(input)));
}

TEST(CompressedMessages, ManyAtATimeDoNotDisturbEachOther) {
  const std::string message = prose(40'000);
  std::string frame = compressed(Opcode::text, deflated(message));
  std::vector<FrameTranscript> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(Role::server, FrameParser::kUnlimited, kBytesMax);
  for (std::string_view rest = frame; !rest.empty(); rest.remove_prefix(std::min<std::size_t>(rest.size(), 500))) {
    for (FrameTranscript& client : clients) client.feed(rest.substr(0, 500));
  }
  for (const FrameTranscript& client : clients) EXPECT_EQ(client.lines(), Lines{"text " + message});
}

// Compressed messages with some bytes changed: the parser's verdict is the same however the bytes are cut.
TEST(CompressedMessagesMutation, VerdictDoesNotDependOnTheCuts) {
  std::mt19937 random(20262);
  int failed = 0;
  int messages = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string payload = deflated(prose(100 + random() % 3000));
    for (std::size_t changes = random() % 3; changes > 0; --changes) {
      payload[random() % payload.size()] = static_cast<char>(random());
    }
    const std::size_t cut = random() % payload.size();
    const std::string bytes =
        compressed(random() % 2 == 0 ? Opcode::text : Opcode::binary, payload.substr(0, cut), false) +
        compressed(Opcode::continuation, payload.substr(cut));
    FrameTranscript whole(Role::server, 500, 2500);
    whole.feed(bytes);
    FrameTranscript pieces(Role::server, 500, 2500);
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 60, rest.size());
      pieces.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(pieces.lines(), whole.lines()) << testing::PrintToString(bytes);
    failed += whole.error() != 0 ? 1 : 0;
    messages += whole.error() == 0 && !whole.lines().empty() ? 1 : 0;
  }
  EXPECT_GT(failed, 300) << "the mutations reach the errors";
  EXPECT_GT(messages, 300) << "and spare enough messages";
}

}  // namespace
}  // namespace websocket
