#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/random.h"
#include "base/utf8.h"

namespace base {
namespace {

TEST(Timestamp, FormatsAndReadsRfc3339) {
  EXPECT_EQ(format_timestamp(1769509800000), "2026-01-27T10:30:00.000Z");
  EXPECT_EQ(format_timestamp(951782399999), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(parse_timestamp("2026-01-27T10:30:00.000Z"), 1769509800000);
  EXPECT_EQ(parse_timestamp("2026-01-27T10:30:00Z"), 1769509800000);
  EXPECT_EQ(parse_timestamp("2026-01-27T12:00:00.1239+01:30"), 1769509800123);
}

TEST(Timestamp, RefusesWhatIsNotATime) {
  for (const char* text : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-27T24:00:00Z", "2026-01-27T10:30:00",
                           "2026-01-27T10:30:00Zx", "2026-01-27 10:30:00Z", "2026-01-27T10:30:00+1:00"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Utf8, AcceptsWellFormedText) {
  for (const char* text :
       {"", "plain", "h\xC3\xA9", "\xE4\xBD\xA0\xE5\xA5\xBD", "\xF0\x9F\x94\xA5", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesOverlongSurrogateTruncatedAndTooHigh) {
  for (const char* text : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xE4\xBD", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(JsonText, EscapesAtEveryPlaceOfALongText) {
  const std::vector<std::pair<char, std::string>> escapes{
      {'"', R"(\")"}, {'\\', R"(\\)"}, {'\n', R"(\n)"}, {'\x1F', R"(\u001f)"}, {'\0', R"(\u0000)"}};
  for (const std::size_t length : {1u, 7u, 8u, 9u, 16u, 17u, 33u}) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const auto& [byte, escaped] : escapes) {
        std::string text(length, '\x7F');  // neighbours of the escaped byte: 0x7F, and 0x80 and up, are not escaped
        if (at > 0) text[at - 1] = '\xFF';
        text[at] = byte;
        std::string out;
        append_json_string(out, text);
        EXPECT_EQ(out, '"' + text.substr(0, at) + escaped + text.substr(at + 1) + '"') << length << " " << at;
      }
    }
  }
}

TEST(Utf8, SeesControlCharacters) {
  EXPECT_TRUE(has_control_characters("a\nb"));
  EXPECT_TRUE(has_control_characters("\x7F"));
  EXPECT_TRUE(has_control_characters("\xC2\x85"));
  EXPECT_FALSE(has_control_characters("\xC2\xA0 caf\xC3\xA9"));
}

TEST(Utf8, PrintsWhatATerminalDoesNotObey) {
  EXPECT_EQ(printable("caf\xC3\xA9 {}"), "caf\xC3\xA9 {}");
  EXPECT_EQ(printable("\x1B[2J caf\xC3\xA9"), "?[2J caf??");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "??2J");
  EXPECT_EQ(printable("a\xFF"), "a?");
}

TEST(Base64, BothAlphabetsBothWays) {
  using Bytes = std::vector<std::uint8_t>;
  Bytes bytes;
  for (int i = 0; i < 256; ++i) {
    std::string padded;
    append_base64(padded, bytes);
    EXPECT_EQ(read_base64(padded), bytes);
    EXPECT_EQ(read_base64url(base64url(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(255 - i));
  }
  EXPECT_EQ(read_base64("+/8="), Bytes({0xFB, 0xFF}));
  EXPECT_EQ(read_base64url("-_8"), Bytes({0xFB, 0xFF}));
  for (const char* text : {"-_8=", "+/8", "+/9=", "+===", "====", "=", "A", "AA=A", "AAAAA", "AA\n="}) {
    EXPECT_FALSE(read_base64(text)) << text;
  }
  for (const char* text : {"-_8=", "+/8", "-_9", "A", "AAAAA", "AA==", "AB", " AA", "AA\xC3"}) {
    EXPECT_FALSE(read_base64url(text)) << text;
  }
}

TEST(RandomBytes, DoNotRepeatAcrossThePoolsEdge) {
  const auto a = random_bytes<200>();
  const auto b = random_bytes<200>();
  EXPECT_NE(a, b);
}

TEST(Hash, KeepsPartsApart) { EXPECT_NE(sha256_of_parts({"ab", "c"}), sha256_of_parts({"a", "bc"})); }

}  // namespace
}  // namespace base
