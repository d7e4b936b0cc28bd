#include "signalr/hub/convert.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace signalr {

struct Inner {
  std::string text;
  bool operator==(const Inner&) const = default;
};
SIGNALR_FIELDS(Inner, text)

struct Outer {
  int number = 7;
  std::optional<std::string> note;
  std::vector<Inner> inner;
  bool operator==(const Outer&) const = default;
};
SIGNALR_FIELDS(Outer, number, note, inner)

// Its name on the wire differs from its member's.
struct Renamed {
  int value = 0;
};
constexpr auto signalr_fields(std::type_identity<Renamed>) { return std::tuple(field("The-Value", &Renamed::value)); }

namespace {

enum class Colour : std::uint8_t { red, green };

template <class T>
std::optional<T> read(const Value& value) {
  T out{};
  if (!from_value(value, out)) return std::nullopt;
  return out;
}

TEST(Convert, WholeNumbersFitOrDoNot) {
  EXPECT_EQ(read<int>(Value(42)), 42);
  EXPECT_EQ(read<int>(Value(42.0)), 42) << "JavaScript does not tell them apart";
  EXPECT_EQ(read<int>(Value(42.5)), std::nullopt);
  EXPECT_EQ(read<std::uint8_t>(Value(255)), 255);
  EXPECT_EQ(read<std::uint8_t>(Value(256)), std::nullopt);
  EXPECT_EQ(read<unsigned>(Value(-1)), std::nullopt);
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(read<std::uint64_t>(Value(largest)), largest);
  EXPECT_EQ(read<std::int64_t>(Value(largest)), std::nullopt);
  EXPECT_EQ(read<int>(Value("42")), std::nullopt);
  EXPECT_EQ(read<int>(Value(true)), std::nullopt);
  EXPECT_EQ(read<int>(Value()), std::nullopt);
}

TEST(Convert, DoublesTakeAnyNumber) {
  EXPECT_EQ(read<double>(Value(2)), 2.0);
  EXPECT_EQ(read<double>(Value(2.5)), 2.5);
  EXPECT_EQ(read<double>(Value("2.5")), std::nullopt);
}

TEST(Convert, TextsBoolsAndEnums) {
  EXPECT_EQ(to_value("literal"), Value("literal"));
  EXPECT_EQ(to_value(std::string_view("view")), Value("view"));
  EXPECT_EQ(read<std::string>(Value("text")), "text");
  EXPECT_EQ(read<std::string>(Value()), std::nullopt);
  EXPECT_EQ(read<bool>(Value(true)), true);
  EXPECT_EQ(read<bool>(Value(1)), std::nullopt);
  EXPECT_EQ(to_value(Colour::green), Value(1));
  EXPECT_EQ(read<Colour>(Value(1)), Colour::green);
  EXPECT_EQ(to_value(nullptr), Value());
}

TEST(Convert, BytesAndTimesComeInBothForms) {
  const Value::Bytes bytes{1, 2, 3};
  EXPECT_EQ(read<Value::Bytes>(Value(bytes)), bytes);
  EXPECT_EQ(read<Value::Bytes>(Value("AQID")), bytes);
  EXPECT_EQ(read<Value::Bytes>(Value("AQI=")), (Value::Bytes{1, 2}));
  EXPECT_EQ(read<Value::Bytes>(Value("")), Value::Bytes{});
  for (const char* wrong : {"AQI", "A===", "AQ=I", "AR==", "AQ-_", "    "}) {
    EXPECT_EQ(read<Value::Bytes>(Value(wrong)), std::nullopt) << wrong;
  }
  constexpr Time time{.seconds = 946'684'800, .nanoseconds = 123'456'700};
  EXPECT_EQ(read<Time>(Value(time)), time);
  EXPECT_EQ(read<Time>(Value("2000-01-01T00:00:00.1234567Z")), time);
  EXPECT_EQ(read<Time>(Value("2000-01-01T01:00:00.1234567+01:00")), time);
  EXPECT_EQ(read<Time>(Value("2000-01-01T00:00:00.1234567")), time);
  EXPECT_EQ(read<Time>(Value("1969-12-31T23:59:59.5Z")), (Time{.seconds = -1, .nanoseconds = 500'000'000}));
  EXPECT_EQ(read<Time>(Value("soon")), std::nullopt);
}

TEST(Convert, OptionalsAndContainers) {
  EXPECT_EQ(to_value(std::optional<int>()), Value());
  EXPECT_EQ(to_value(std::optional<int>(3)), Value(3));
  std::optional<int> read_optional = 1;
  EXPECT_TRUE(from_value(Value(), read_optional));
  EXPECT_EQ(read_optional, std::nullopt);
  EXPECT_TRUE(from_value(Value(2), read_optional));
  EXPECT_EQ(read_optional, 2);
  EXPECT_FALSE(from_value(Value("x"), read_optional));
  EXPECT_EQ(to_value(std::vector<int>{1, 2}), Value(Value::Array{1, 2}));
  EXPECT_EQ(read<std::vector<int>>(Value(Value::Array{1, 2})), (std::vector<int>{1, 2}));
  EXPECT_EQ(read<std::vector<int>>(Value(Value::Array{1, "2"})), std::nullopt);
  EXPECT_EQ(read<std::vector<int>>(Value()), std::nullopt);
  const std::map<std::string, int> map{{"a", 1}, {"b", 2}};
  EXPECT_EQ(to_value(map), Value(Value::Object{{"a", 1}, {"b", 2}}));
  EXPECT_EQ((read<std::map<std::string, int>>(to_value(map))), map);
}

TEST(Convert, StructsGoByTheNamesOfTheirMembers) {
  const Outer outer{.number = 1, .note = "n", .inner = {{"a"}, {"b"}}};
  const Value value = to_value(outer);
  EXPECT_EQ(value,
            Value(Value::Object{{"number", 1},
                                {"note", "n"},
                                {"inner", Value::Array{Value::Object{{"text", "a"}}, Value::Object{{"text", "b"}}}}}));
  EXPECT_EQ(read<Outer>(value), outer);
}

TEST(Convert, WhatIsMissingKeepsItsValueAndTheRestIsIgnored) {
  EXPECT_EQ(read<Outer>(Value(Value::Object{})), Outer{});
  EXPECT_EQ(read<Outer>(Value(Value::Object{{"NUMBER", 2}, {"other", true}}))->number, 2) << "in any case";
  EXPECT_EQ(read<Outer>(Value(Value::Object{{"NUMBER", 2}, {"number", 3}}))->number, 3) << "the exact one first";
  EXPECT_EQ(read<Outer>(Value(Value::Object{{"number", "two"}})), std::nullopt);
  EXPECT_EQ(read<Outer>(Value("text")), std::nullopt);
}

TEST(Convert, OtherNamesAreGivenByHand) {
  EXPECT_EQ(to_value(Renamed{5}), Value(Value::Object{{"The-Value", 5}}));
  EXPECT_EQ(read<Renamed>(Value(Value::Object{{"the-value", 6}}))->value, 6);
}

}  // namespace
}  // namespace signalr
