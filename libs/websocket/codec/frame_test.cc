#include "websocket/codec/frame.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "websocket/codec/accept_key.h"

namespace websocket {
namespace {

using namespace std::string_literals;

constexpr MaskingKey kKey{0x37, 0xFA, 0x21, 0x3D};

TEST(AcceptKey, IsThatOfTheRfc) { EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

TEST(AcceptKey, ValidMeansSixteenBytesInBase64) {
  EXPECT_TRUE(is_valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_valid_key("+/+/+/+/+/+/+/+/+/+/+w=="));
  for (const char* key : {"", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZWE=",
                          "dGhlIHNhbXBsZSBub25jZ-==", "dGhlIHNhbXBsZSBub25j=Q==", "dGhlIHNhbXBsZSBub25jZQ==\n"}) {
    EXPECT_FALSE(is_valid_key(key)) << key;
  }
}

// RFC 6455, section 5.7.
TEST(Frame, LooksLikeTheExamplesOfTheRfc) {
  EXPECT_EQ(frame(Opcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame(Opcode::text, "Hel", false), "\x01\x03Hel");
  EXPECT_EQ(frame(Opcode::continuation, "lo"), "\x80\x02lo"s);
  EXPECT_EQ(frame(Opcode::ping, "Hello"), "\x89\x05Hello");
  EXPECT_EQ(masked_frame(Opcode::text, "Hello", kKey), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(frame(Opcode::binary, std::string(256, 'x')).substr(0, 4), "\x82\x7E\x01\x00"s);
  EXPECT_EQ(frame(Opcode::binary, std::string(65536, 'x')).substr(0, 10), "\x82\x7F\0\0\0\0\0\x01\0\0"s);
}

TEST(Frame, TakesTheShortestLength) {
  const auto header_bytes = [](std::uint64_t payload) { return frame_header(Opcode::text, payload).view().size(); };
  EXPECT_EQ(header_bytes(0), 2U);
  EXPECT_EQ(header_bytes(125), 2U);
  EXPECT_EQ(header_bytes(126), 4U);
  EXPECT_EQ(header_bytes(65535), 4U);
  EXPECT_EQ(header_bytes(65536), 10U);
  EXPECT_EQ(frame_header(Opcode::text, 0x123456789ABCDEF0).view(), "\x81\x7F\x12\x34\x56\x78\x9A\xBC\xDE\xF0");
}

TEST(Frame, MaskingTwiceInPiecesGivesTheBytesBack) {
  std::string text;
  for (int i = 0; i < 61; ++i) text.push_back(static_cast<char>(i * 7));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::string masked = masked_frame(Opcode::binary, text, kKey).substr(6);
    apply_mask(std::span(masked).first(cut), kKey);
    apply_mask(std::span(masked).subspan(cut), kKey, cut);
    EXPECT_EQ(masked, text) << cut;
  }
}

TEST(CloseFrame, CarriesCodeAndReason) {
  EXPECT_EQ(close_frame(close_code::normal), "\x88\x02\x03\xE8");
  EXPECT_EQ(close_frame(close_code::internal_error, "why"), "\x88\x05\x03\xF3why");
  EXPECT_EQ(close_frame(close_code::no_status), "\x88\0"s);
}

TEST(CloseFrame, CutsALongReasonBetweenCharacters) {
  std::string reason;
  while (reason.size() < 200) reason += "\xE4\xBD\xA0";
  for (const std::string prefix : {"", "a", "ab"}) {
    const std::string payload = close_payload(close_code::normal, prefix + reason);
    EXPECT_LE(payload.size(), kControlPayloadBytesMax);
    EXPECT_GT(payload.size(), kControlPayloadBytesMax - 3);
    EXPECT_TRUE(base::is_valid_utf8(payload.substr(2)));
  }
}

TEST(CloseCode, OnlySomeMayTravel) {
  for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1011, 1014, 3000, 4999}) {
    EXPECT_TRUE(is_valid_close_code(code)) << code;
  }
  for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535}) {
    EXPECT_FALSE(is_valid_close_code(code)) << code;
  }
}

}  // namespace
}  // namespace websocket
