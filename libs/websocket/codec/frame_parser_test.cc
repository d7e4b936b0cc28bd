#include "websocket/codec/frame_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "support/cpp/frame_transcript.h"

namespace websocket {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

constexpr MaskingKey kKey{0x11, 0x82, 0xF3, 0x04};

std::string from_client(Opcode opcode, std::string_view payload, bool fin = true) {
  return masked_frame(opcode, payload, kKey, fin);
}

Lines read(std::string_view bytes, std::uint64_t message_bytes_max = FrameParser::kUnlimited) {
  FrameTranscript transcript(Role::server, message_bytes_max);
  transcript.feed(bytes);
  return transcript.lines();
}

int error_of(std::string_view bytes, Role role = Role::server) {
  FrameTranscript transcript(role);
  transcript.feed(bytes);
  return transcript.error();
}

// A frame as from_client() makes it, its first two bytes replaced.
std::string with_prefix(std::string frame, char first, char second) {
  frame[0] = first;
  frame[1] = second;
  return frame;
}

TEST(FrameParser, ReadsMessagesOfEveryLengthForm) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 200'000U}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(read(from_client(Opcode::binary, payload)), Lines{"binary " + payload}) << size;
  }
}

TEST(FrameParser, PutsFragmentsTogetherWithControlFramesBetween) {
  const std::string bytes = from_client(Opcode::text, "one ", false) + from_client(Opcode::ping, "p") +
                            from_client(Opcode::continuation, "", false) +
                            from_client(Opcode::continuation, "two", false) + from_client(Opcode::pong, "") +
                            from_client(Opcode::continuation, "") + from_client(Opcode::binary, "next");
  EXPECT_EQ(read(bytes), (Lines{"ping p", "pong ", "text one two", "binary next"}));
}

TEST(FrameParser, DeliversAPieceBeforeItsFrameIsComplete) {
  std::string bytes = from_client(Opcode::text, "a long story");
  std::span<char> input = std::span(bytes).first(6 + 4);
  FrameParser parser(Role::server);
  const Event event = parser.next(input);
  const auto* data = std::get_if<Data>(&event);
  ASSERT_NE(data, nullptr);
  EXPECT_EQ(data->bytes, "a lo");
  EXPECT_EQ(data->bytes.data(), bytes.data() + 6) << "unmasked in place";
  EXPECT_FALSE(data->message_end);
  EXPECT_TRUE(std::holds_alternative<NeedMore>(parser.next(input)));
}

TEST(FrameParser, SaysTheSameHoweverTheBytesAreCut) {
  const std::string bytes = from_client(Opcode::text, "h\xC3\xA9llo \xF0\x9F\x94\xA5", false) +
                            from_client(Opcode::ping, std::string(125, 'p')) +
                            from_client(Opcode::continuation, std::string(300, 'z')) +
                            from_client(Opcode::close, close_payload(4000, "b\xC3\xA9"));
  const Lines whole = read(bytes);
  ASSERT_EQ(whole.size(), 3U);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    FrameTranscript transcript;
    transcript.feed_in_pieces(bytes, piece);
    ASSERT_EQ(transcript.lines(), whole) << piece;
  }
}

TEST(FrameParser, DropsWhatFollowsAClose) {
  EXPECT_EQ(read(from_client(Opcode::close, "") + "garbage"), Lines{"close 1005 "});
  EXPECT_EQ(read(from_client(Opcode::close, close_payload(1000, "bye")) + from_client(Opcode::ping, "")),
            Lines{"close 1000 bye"});
}

TEST(FrameParser, RefusesBadCloses) {
  EXPECT_EQ(error_of(from_client(Opcode::close, "\x03")), close_code::protocol_error);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    EXPECT_EQ(error_of(from_client(Opcode::close, payload)), close_code::protocol_error) << code;
  }
  EXPECT_EQ(error_of(from_client(Opcode::close, "\x03\xE8\xFF")), close_code::invalid_payload);
  EXPECT_EQ(error_of(from_client(Opcode::close, "\x03\xE8\xC3")), close_code::invalid_payload);
}

TEST(FrameParser, RefusesEveryBrokenRuleOfTheFraming) {
  const std::string text = from_client(Opcode::text, "abc");
  for (const char first : {'\xC1', '\xA1', '\x91'}) {  // a reserved bit
    EXPECT_EQ(error_of(with_prefix(text, first, text[1])), close_code::protocol_error);
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    EXPECT_EQ(error_of(with_prefix(text, static_cast<char>(0x80 | opcode), text[1])), close_code::protocol_error);
  }
  for (const Opcode opcode : {Opcode::ping, Opcode::pong, Opcode::close}) {
    EXPECT_EQ(error_of(from_client(opcode, "", false)), close_code::protocol_error);
    EXPECT_EQ(error_of(from_client(opcode, std::string(126, 'x'))), close_code::protocol_error);
  }
  EXPECT_EQ(error_of(from_client(Opcode::continuation, "x")), close_code::protocol_error);
  EXPECT_EQ(error_of(text + from_client(Opcode::continuation, "x")), close_code::protocol_error);
  EXPECT_EQ(error_of(from_client(Opcode::text, "x", false) + text), close_code::protocol_error);
  EXPECT_EQ(error_of("\x81\xFE\x00\x7D"s + "key!"), close_code::protocol_error) << "125 in the 16-bit form";
  EXPECT_EQ(error_of("\x81\xFF\0\0\0\0\0\0\xFF\xFF"s + "key!"), close_code::protocol_error) << "65535 in 64 bits";
  EXPECT_EQ(error_of("\x81\xFF\x80\0\0\0\0\0\0\0"s + "key!"), close_code::protocol_error) << "above 2^63-1";
}

TEST(FrameParser, EachRoleWantsTheOthersMasking) {
  EXPECT_EQ(error_of(frame(Opcode::text, "x")), close_code::protocol_error);
  EXPECT_EQ(error_of(from_client(Opcode::text, "x"), Role::client), close_code::protocol_error);
  FrameTranscript client(Role::client);
  client.feed(frame(Opcode::text, "hello") + close_frame(1000));
  EXPECT_EQ(client.lines(), (Lines{"text hello", "close 1000 "}));
}

TEST(FrameParser, ChecksUtf8AcrossFragmentsAndFailsFast) {
  EXPECT_EQ(read(from_client(Opcode::text, "\xE4\xBD", false) + from_client(Opcode::continuation, "\xA0")),
            Lines{"text \xE4\xBD\xA0"});
  EXPECT_EQ(error_of(from_client(Opcode::text, "\xE4\xBD")), close_code::invalid_payload);
  EXPECT_EQ(error_of(from_client(Opcode::text, "\xE4", false) + from_client(Opcode::continuation, "")),
            close_code::invalid_payload);
  const std::string unfinished = from_client(Opcode::text, "\xED\xA0\x80" + std::string(100, 'x'));
  EXPECT_EQ(error_of(unfinished.substr(0, 6 + 2)), close_code::invalid_payload) << "the second byte settles it";
  EXPECT_EQ(read(from_client(Opcode::binary, "\xFF")), Lines{"binary \xFF"});
}

TEST(FrameParser, HoldsTheMessageLimitOverAllFragments) {
  const std::string fragments = from_client(Opcode::text, "12345", false) + from_client(Opcode::continuation, "67890");
  EXPECT_EQ(read(fragments, 10), Lines{"text 1234567890"});
  EXPECT_EQ(read(fragments, 9), Lines{"error 1009 message is too big"});
  EXPECT_EQ(read(fragments + fragments, 10).size(), 2U) << "each message counts anew";
  EXPECT_EQ(read("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s + "key!", 10), Lines{"error 1009 message is too big"});
  EXPECT_EQ(read(from_client(Opcode::ping, "longer than ten"), 10).front(), "ping longer than ten");
}

TEST(FrameParser, RepeatsItsErrorAndReadsNoFurther) {
  std::string bytes = frame(Opcode::text, "unmasked");
  FrameParser parser(Role::server);
  std::span<char> input(bytes);
  EXPECT_TRUE(std::holds_alternative<ParseError>(parser.next(input)));
  const std::size_t left = input.size();
  EXPECT_TRUE(std::holds_alternative<ParseError>(parser.next(input)));
  EXPECT_EQ(input.size(), left);
}

TEST(FrameParser, IsSmallEnoughForTenThousandIdleConnections) { EXPECT_LE(sizeof(FrameParser), 256U); }

// Random frames with a few bytes changed: the parser's verdict is the same however the bytes are cut.
TEST(FrameParserMutation, VerdictDoesNotDependOnTheCuts) {
  std::mt19937 random(20261);
  const std::array opcodes{Opcode::continuation, Opcode::text, Opcode::binary,
                           Opcode::ping,         Opcode::pong, Opcode::close};
  int failed = 0;
  int messages = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t frames = 1 + random() % 6; frames > 0; --frames) {
      std::string payload(random() % 8 == 0 ? random() % 400 : random() % 12, static_cast<char>(random() % 0x80));
      bytes += from_client(opcodes[random() % opcodes.size()], payload, random() % 3 != 0);
    }
    for (std::size_t changes = random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    FrameTranscript whole(Role::server, 500);
    whole.feed(bytes);
    FrameTranscript cut(Role::server, 500);
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 9, rest.size());
      cut.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(cut.lines(), whole.lines()) << testing::PrintToString(bytes);
    failed += whole.error() != 0 ? 1 : 0;
    messages += whole.error() == 0 && !whole.lines().empty() ? 1 : 0;
  }
  EXPECT_GT(failed, 1000) << "the mutations reach the errors";
  EXPECT_GT(messages, 1000) << "and spare enough messages";
}

}  // namespace
}  // namespace websocket
