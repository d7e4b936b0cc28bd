// C++ values as the wire's values and back: to_value(x), and from_value(value, x), which is false when the value does
// not fit. Pure; any thread.
//
// Supported are: bool, every integer and floating type (a number out of range does not fit), enums as numbers, strings,
// Value::Bytes (base64 in JSON), Time (ISO 8601 in JSON), std::optional (null), std::vector, std::map from strings,
// structs described by SIGNALR_FIELDS, and Value for anything at all.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "signalr/hub/describe.h"
#include "signalr/protocol/value.h"

namespace signalr {

// Specialise this for a type of your own that is no plain struct.
template <class T>
struct Conversion;

template <class T>
Value to_value(const T& value) {
  if constexpr (std::same_as<T, std::nullptr_t>) {
    return {};
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return Value(std::string_view(value));
  } else {
    return Conversion<T>::to(value);
  }
}

template <class T>
bool from_value(const Value& value, T& out) {
  return Conversion<T>::from(value, out);
}

// Read bytes and times, also from a JSON string: as base64, and as a time. False when the string is neither.
bool read_bytes(const Value& value, Value::Bytes& out);
bool read_time(const Value& value, Time& out);

// The last member of that name in any case, which is the one that ASP.NET takes; null when there is none.
const Value* find_member(const Value& object, std::string_view name);

template <>
struct Conversion<Value> {
  static Value to(const Value& value) { return value; }
  static bool from(const Value& value, Value& out) {
    out = value;
    return value.is_readable();
  }
};

template <>
struct Conversion<bool> {
  static Value to(bool value) { return value; }
  static bool from(const Value& value, bool& out) {
    const bool* flag = value.get_if<bool>();
    if (flag != nullptr) out = *flag;
    return flag != nullptr;
  }
};

template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) struct Conversion<T> {
  static Value to(T value) { return value; }
  static bool from(const Value& value, T& out) {
    if (const auto* large = value.get_if<std::uint64_t>()) return narrow(*large, out);
    const auto whole = value.if_integer();
    return whole && narrow(*whole, out);
  }

 private:
  static bool narrow(auto whole, T& out) {
    if (!std::in_range<T>(whole)) return false;
    out = static_cast<T>(whole);
    return true;
  }
};

template <std::floating_point T>
struct Conversion<T> {
  static Value to(T value) { return static_cast<double>(value); }
  static bool from(const Value& value, T& out) {
    const auto number = value.if_number();
    if (number) out = static_cast<T>(*number);
    return number.has_value();
  }
};

template <class T>
requires std::is_enum_v<T>
struct Conversion<T> {
  using Number = std::underlying_type_t<T>;
  static Value to(T value) { return static_cast<Number>(value); }
  static bool from(const Value& value, T& out) {
    Number number{};
    if (!from_value(value, number)) return false;
    out = static_cast<T>(number);
    return true;
  }
};

template <>
struct Conversion<std::string> {
  static Value to(const std::string& text) { return text; }
  static bool from(const Value& value, std::string& out) {
    const std::string* text = value.if_string();
    if (text != nullptr) out = *text;
    return text != nullptr;
  }
};

template <>
struct Conversion<Value::Bytes> {
  static Value to(const Value::Bytes& bytes) { return bytes; }
  static bool from(const Value& value, Value::Bytes& out) { return read_bytes(value, out); }
};

template <>
struct Conversion<Time> {
  static Value to(Time time) { return time; }
  static bool from(const Value& value, Time& out) { return read_time(value, out); }
};

// Outgoing only.
template <>
struct Conversion<RawJson> {
  static Value to(const RawJson& json) { return json; }
};

template <class T>
struct Conversion<std::optional<T>> {
  static Value to(const std::optional<T>& value) { return value ? to_value(*value) : Value(); }
  static bool from(const Value& value, std::optional<T>& out) {
    out.reset();
    return value.is_null() || from_value(value, out.emplace());
  }
};

template <class T>
struct Conversion<std::vector<T>> {
  static Value to(const std::vector<T>& items) {
    Value::Array values;
    values.reserve(items.size());
    for (const auto& item : items) values.push_back(to_value<T>(item));
    return values;
  }
  static bool from(const Value& value, std::vector<T>& out) {
    const auto* values = value.get_if<Value::Array>();
    if (values == nullptr) return false;
    out.clear();
    out.reserve(values->size());
    for (const Value& item : *values) {
      T converted{};
      if (!from_value(item, converted)) return false;
      out.push_back(std::move(converted));
    }
    return true;
  }
};

template <class Map>
struct MapConversion {
  static Value to(const Map& map) {
    Value::Object members;
    members.reserve(map.size());
    for (const auto& [name, member] : map) members.push_back({name, to_value(member)});
    return members;
  }
  static bool from(const Value& value, Map& out) {
    const auto* members = value.get_if<Value::Object>();
    if (members == nullptr) return false;
    out.clear();
    for (const auto& [name, member] : *members) {
      if (!from_value(member, out[name])) return false;
    }
    return true;
  }
};
template <class T>
struct Conversion<std::map<std::string, T>> : MapConversion<std::map<std::string, T>> {};
template <class T>
struct Conversion<std::unordered_map<std::string, T>> : MapConversion<std::unordered_map<std::string, T>> {};

// A member that is not sent keeps its initial value; members that the struct does not have are ignored.
template <Described T>
struct Conversion<T> {
  static Value to(const T& value) {
    Value::Object members;
    const auto add = [&](const auto& field) {
      members.push_back({std::string(field.name), to_value(value.*field.member)});
    };
    std::apply([&](const auto&... fields) { (add(fields), ...); }, signalr_fields(std::type_identity<T>{}));
    return members;
  }
  static bool from(const Value& value, T& out) {
    if (value.get_if<Value::Object>() == nullptr) return false;
    const auto read = [&](const auto& field) {
      const Value* member = find_member(value, field.name);
      return member == nullptr || from_value(*member, out.*field.member);
    };
    return std::apply([&](const auto&... fields) { return (read(fields) && ...); },
                      signalr_fields(std::type_identity<T>{}));
  }
};

}  // namespace signalr
