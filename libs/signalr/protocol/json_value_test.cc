#include "signalr/protocol/json_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace signalr {
namespace {

Value parsed(std::string_view json) {
  auto value = parse_json(json);
  EXPECT_TRUE(value.has_value()) << json;
  return value ? *std::move(value) : Value();
}

TEST(Value, HoldsAnIntegerInOneWayOnly) {
  EXPECT_EQ(Value(7U), Value(7));
  EXPECT_NE(Value(std::numeric_limits<std::uint64_t>::max()).get_if<std::uint64_t>(), nullptr);
  EXPECT_EQ(Value(std::uint64_t{1} << 63).if_integer(), std::nullopt);
}

TEST(Value, ReadsWholeNumbersHoweverTheyWereSent) {
  EXPECT_EQ(Value(3.0).if_integer(), 3);
  EXPECT_EQ(Value(-3).if_integer(), -3);
  EXPECT_EQ(Value(3.5).if_integer(), std::nullopt);
  EXPECT_EQ(Value(0x1p63).if_integer(), std::nullopt);
  EXPECT_EQ(Value(-0x1p63).if_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Value(std::nan("")).if_integer(), std::nullopt);
  EXPECT_EQ(Value("3").if_integer(), std::nullopt);
  EXPECT_EQ(Value(3).if_number(), 3.0);
  EXPECT_EQ(Value(true).if_number(), std::nullopt);
}

TEST(Value, FindsTheLastMemberOfAName) {
  const Value object = parsed(R"({"a":1,"A":2,"a":3})");
  EXPECT_EQ(*object.find("a"), Value(3));
  EXPECT_EQ(*object.find("A"), Value(2));
  EXPECT_EQ(object.find("b"), nullptr);
  EXPECT_EQ(Value(1).find("a"), nullptr);
}

TEST(Json, TextSurvivesReadingAndWriting) {
  for (const char* json :
       {"null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "0.1", "1e+300", "\"\"", R"("h\u0000\u001f\"\\\b\f\n\r\t/")", "[]", "{}", "[[],{}]",
        R"([1,"a",null,{"k":[true]}])", R"({"z":1,"a":{"b":[]}})", "\"\xE4\xBD\xA0\xF0\x9F\x94\xA5\""}) {
    EXPECT_EQ(to_json(parsed(json)), json);
  }
}

TEST(Json, DoublesAreExact) {
  for (const double number : {0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308, 2.2250738585072011e-308, -123456.789,
                              9007199254740993.0, 1e23}) {
    const Value read = parsed(to_json(number));
    EXPECT_EQ(read.if_number(), number) << to_json(number);
  }
  EXPECT_EQ(parsed("0.30000000000000004"), Value(0.1 + 0.2));
  EXPECT_EQ(to_json(3.0), "3");
  EXPECT_EQ(to_json(-0.0), "0");
  EXPECT_EQ(to_json(std::numeric_limits<double>::infinity()), "null");
}

TEST(Json, NumbersBeyond64BitsBecomeDoubles) { EXPECT_EQ(parsed("18446744073709551616"), Value(0x1p64)); }

TEST(Json, UnescapesText) { EXPECT_EQ(parsed(R"("\u4f60\uD83D\uDD25\/")"), Value("\xE4\xBD\xA0\xF0\x9F\x94\xA5/")); }

TEST(Json, WritesBytesAndTimes) {
  EXPECT_EQ(to_json(Value::Bytes{}), "\"\"");
  EXPECT_EQ(to_json(Value::Bytes{1}), "\"AQ==\"");
  EXPECT_EQ(to_json(Value::Bytes{1, 2}), "\"AQI=\"");
  EXPECT_EQ(to_json(Value::Bytes{1, 2, 3}), "\"AQID\"");
  EXPECT_EQ(to_json(Value::Bytes{0xFB, 0xFF, 0xFE, 0xFF}), "\"+//+/w==\"");
  EXPECT_EQ(to_json(Time{946684800}), "\"2000-01-01T00:00:00Z\"");
  EXPECT_EQ(to_json(Time{946684800, 120'000'000}), "\"2000-01-01T00:00:00.12Z\"");
  EXPECT_EQ(to_json(Time{-1, 1}), "\"1969-12-31T23:59:59.000000001Z\"");
  EXPECT_EQ(to_json(Time{Time::kSecondsMin}), "\"0001-01-01T00:00:00Z\"");
  EXPECT_EQ(to_json(Time{Time::kSecondsMax}), "\"9999-12-31T23:59:59Z\"");
}

TEST(Json, CopiesWhatIsAlreadyWritten) {
  EXPECT_EQ(to_json(Value::Array{RawJson{R"({"id": 1})"}, 2}), R"([{"id": 1},2])");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* json : {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "nul", "01", "1 2", "{} x", "\"\x01\"",
                           "\"\\x\"", "\"\\uD800\"", "\"\xFF\"", "[1]//", "NaN", "\"open"}) {
    EXPECT_FALSE(parse_json(json).has_value()) << json;
  }
}

TEST(Json, BoundsTheNesting) {
  EXPECT_TRUE(parse_json("[{\"a\":1}]", 2).has_value());
  EXPECT_FALSE(parse_json("[{\"a\":[]}]", 2).has_value());
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')).has_value());
  EXPECT_FALSE(parse_json(std::string(65, '[') + std::string(65, ']')).has_value());
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
}

}  // namespace
}  // namespace signalr
