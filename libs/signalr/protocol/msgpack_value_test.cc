#include "signalr/protocol/msgpack_value.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "signalr/protocol/json_value.h"

namespace signalr {
namespace {

using namespace std::string_literals;

std::string to_msgpack(const Value& value) {
  std::string bytes;
  append_msgpack(bytes, value);
  return bytes;
}

std::string error_of(std::string_view bytes, std::size_t nesting_max = 64) {
  const auto value = parse_msgpack(bytes, nesting_max);
  return value ? "no error" : value.error().text;
}

// The bytes are those of the specification's formats, and the shortest, so both ways must agree.
TEST(MessagePack, ValuesAndBytesCorrespond) {
  const std::vector<std::pair<Value, std::string>> pairs{
      {nullptr, "\xC0"},
      {false, "\xC2"},
      {true, "\xC3"},
      {0, "\0"s},
      {127, "\x7F"},
      {128, "\xCC\x80"},
      {255, "\xCC\xFF"},
      {256, "\xCD\x01\x00"s},
      {65536, "\xCE\x00\x01\x00\x00"s},
      {4294967296, "\xCF\0\0\0\x01\0\0\0\0"s},
      {std::numeric_limits<std::uint64_t>::max(), "\xCF" + std::string(8, '\xFF')},
      {-1, "\xFF"},
      {-32, "\xE0"},
      {-33, "\xD0\xDF"},
      {-128, "\xD0\x80"},
      {-129, "\xD1\xFF\x7F"},
      {-32769, "\xD2\xFF\xFF\x7F\xFF"},
      {-2147483649, "\xD3\xFF\xFF\xFF\xFF\x7F\xFF\xFF\xFF"},
      {1.5, "\xCB\x3F\xF8\0\0\0\0\0\0"s},
      {"", "\xA0"},
      {"h\xC3\xA9", "\xA3h\xC3\xA9"},
      {std::string(31, 'a'), "\xBF" + std::string(31, 'a')},
      {std::string(32, 'a'), "\xD9\x20" + std::string(32, 'a')},
      {std::string(256, 'a'), "\xDA\x01\x00"s + std::string(256, 'a')},
      {std::string(65536, 'a'), "\xDB\x00\x01\x00\x00"s + std::string(65536, 'a')},
      {Value::Bytes{1, 2, 255}, "\xC4\x03\x01\x02\xFF"},
      {Value::Bytes(256, 7), "\xC5\x01\x00"s + std::string(256, '\x07')},
      {Value::Bytes(65536, 7), "\xC6\x00\x01\x00\x00"s + std::string(65536, '\x07')},
      {Time{946684800}, "\xD6\xFF\x38\x6D\x43\x80"},
      {Time{1, 1}, "\xD7\xFF\x00\x00\x00\x04\x00\x00\x00\x01"s},
      {Time{1LL << 32}, "\xD7\xFF\x00\x00\x00\x01\x00\x00\x00\x00"s},
      {Time{-1, 999'999'999}, "\xC7\x0C\xFF\x3B\x9A\xC9\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"},
      {Time{1LL << 34}, "\xC7\x0C\xFF\0\0\0\0\0\0\0\x04\0\0\0\0"s},
      {Value::Array{}, "\x90"},
      {Value::Array{1, "a"}, "\x92\x01\xA1"s + "a"},
      {Value::Array(16), "\xDC\x00\x10"s + std::string(16, '\xC0')},
      {Value::Array(65536), "\xDD\x00\x01\x00\x00"s + std::string(65536, '\xC0')},
      {Value::Object{}, "\x80"},
      {Value::Object{{"b", 1}, {"a", nullptr}}, "\x82\xA1\x62\x01\xA1\x61\xC0"},
  };
  for (const auto& [value, bytes] : pairs) {
    EXPECT_EQ(to_msgpack(value), bytes) << to_json(value).substr(0, 60);
    const auto read = parse_msgpack(bytes);
    ASSERT_TRUE(read) << to_json(value).substr(0, 60) << ": " << read.error().text;
    EXPECT_EQ(*read, value) << to_json(value).substr(0, 60);
  }
}

TEST(MessagePack, LongMapsSurvive) {
  for (const std::size_t count : {15U, 16U, 65536U}) {
    Value::Object members;
    for (std::size_t i = 0; i < count; ++i) members.push_back({std::to_string(i), i});
    const Value value(std::move(members));
    EXPECT_EQ(*parse_msgpack(to_msgpack(value)), value);
  }
}

TEST(MessagePack, ReadsFormsThatAreNotTheShortest) {
  EXPECT_EQ(*parse_msgpack("\xD3\0\0\0\0\0\0\0\x05"s), Value(5));
  EXPECT_EQ(*parse_msgpack("\xD9\x01x"), Value("x"));
  EXPECT_EQ(*parse_msgpack("\xDD\0\0\0\x01\xC3"s), Value(Value::Array{true}));
  EXPECT_EQ(*parse_msgpack("\xCA\x3F\xC0\0\0"s), Value(1.5));
  EXPECT_EQ(*parse_msgpack("\xC7\x04\xFF\0\0\0\x01"s), Value(Time{1}));
}

TEST(MessagePack, ParsesJsonThatIsAlreadyWritten) {
  EXPECT_EQ(to_msgpack(RawJson{R"({"id": [1, "a"]})"}), to_msgpack(Value::Object{{"id", Value::Array{1, "a"}}}));
}

TEST(MessagePack, TheTimesOfJsonBecomeTimestamps) {
  constexpr std::array<std::string_view, 3> times{"sentAt", "gone", "damaged"};
  std::string packed;
  append_msgpack(
      packed,
      RawJson{R"({"sentAt":"2026-01-27T10:30:00.250Z","damaged":"soon","text":"2026-01-27T10:30:00Z"})", times});
  const Value read = parse_msgpack(packed).value();
  EXPECT_EQ(*read.find("sentAt"), Value(Time{1'769'509'800, 250'000'000}));
  EXPECT_EQ(*read.find("damaged"), Value("soon"));
  EXPECT_EQ(*read.find("text"), Value("2026-01-27T10:30:00Z")) << "it is not named as a time";
}

TEST(MessagePack, NamesOfMembersAreWrittenAsAsked) {
  const auto names = [](PropertyNames wanted) {
    std::string packed;
    append_msgpack(packed, Value::Array{RawJson{R"({"senderId":{"Deep":1},"":2,"\u00e4":3})"}}, wanted);
    return parse_msgpack(packed).value();
  };
  const auto expected = [](const char* outer, const char* inner) {
    return Value(Value::Array{Value::Object{{outer, Value::Object{{inner, 1}}}, {"", 2}, {"\xC3\xA4", 3}}});
  };
  EXPECT_EQ(names(PropertyNames::as_declared), expected("senderId", "Deep"));
  EXPECT_EQ(names(PropertyNames::camel_case), expected("senderId", "deep"));
  EXPECT_EQ(names(PropertyNames::pascal_case), expected("SenderId", "Deep"));
}

TEST(MessagePack, EveryTruncationIsAnError) {
  const std::string bytes = to_msgpack(Value::Object{
      {"a", Value::Array{1, -500, 2.5, "text", Value::Bytes{1}, Time{5, 5}, std::string(40, 'x'), nullptr}}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(error_of(bytes.substr(0, size)), "Not MessagePack: the message ends within a value.") << size;
  }
  EXPECT_EQ(error_of(bytes + '\xC0'), "Not MessagePack: there are bytes behind the value.");
}

TEST(MessagePack, RefusesWithTheReason) {
  EXPECT_EQ(error_of("\xC1"), "Not MessagePack: byte 0xC1 is never used.");
  EXPECT_EQ(error_of("\xA1\xFF"), "A value is not UTF-8.");
  EXPECT_EQ(error_of("\x81\x01\x02"), "A value has a key that is no readable string.");
  const std::string extension =
      "A value is an extension of MessagePack other than the timestamp (-1, of 4, 8 or 12 bytes).";
  EXPECT_EQ(error_of("\xD6\x01\0\0\0\0"s), extension);
  EXPECT_EQ(error_of("\xD5\xFF\0\0"s), extension);
  const std::string time = "A value is a timestamp that is not within the years 1 to 9999.";
  EXPECT_EQ(error_of("\xD7\xFF" + std::string(8, '\xFF')), time);
  EXPECT_EQ(error_of("\xC7\x0C\xFF\0\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), time);
}

TEST(MessagePack, BoundsNestingAndBelievesNoCount) {
  EXPECT_EQ(error_of("\x91\x81\xA1k\x01", 2), "no error");
  EXPECT_EQ(error_of("\x91\x81\xA1k\x90", 2), "A value is nested too deep.");
  EXPECT_EQ(error_of("\x92\x90\x90", 2), "no error") << "siblings do not add up";
  EXPECT_EQ(error_of(std::string(1'000'000, '\x91') + '\x01'), "A value is nested too deep.");
  for (const char* bytes :
       {"\xDD\xFF\xFF\xFF\xFF", "\xDF\xFF\xFF\xFF\xFF", "\xC6\xFF\xFF\xFF\xFF", "\xDB\xFF\xFF\xFF\xFF"}) {
    EXPECT_EQ(error_of(bytes), "Not MessagePack: the message ends within a value.");
  }
}

}  // namespace
}  // namespace signalr
