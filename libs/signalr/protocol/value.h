// Value: an argument, an item or a result, whichever protocol carries it. A plain value, owned by its holder; any
// thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace signalr {

// A point in time in the years 1 to 9999, as MessagePack carries it; JSON shows it as ISO 8601 in UTC.
struct Time {
  static constexpr std::int64_t kSecondsMin = -62'135'596'800;
  static constexpr std::int64_t kSecondsMax = 253'402'300'799;

  std::int64_t seconds = 0;  // since the Unix epoch
  std::uint32_t nanoseconds = 0;

  bool operator==(const Time&) const = default;
};

// JSON text that is already written, for outgoing messages only; the parsers never make one. It must be well-formed
// and nested at most 64 deep: the JSON protocol copies it as it is, the MessagePack protocol parses it and aborts when
// it cannot.
struct RawJson {
  std::string text;
  // The members of its object that hold times, as text in ISO 8601: MessagePack has a type for times. Literals.
  std::span<const std::string_view> times{};

  bool operator==(const RawJson& other) const { return text == other.text; }
};

// A part of a message that cannot be read, while the rest can; incoming only. It fits no type, so the call that carries
// it fails.
struct Unreadable {
  std::string reason;  // follows the part's name: "is not UTF-8"
  std::string text{};  // of a string, with U+FFFD for each byte that is wrong

  bool operator==(const Unreadable&) const = default;
};

// A template only so that Value can hold members while Value itself is incomplete.
template <class V>
struct NamedValue {
  std::string name;
  V value;

  bool operator==(const NamedValue&) const = default;
};

class Value {
 public:
  using Member = NamedValue<Value>;
  using Bytes = std::vector<std::uint8_t>;
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;  // in the order of the wire; if a name occurs twice, the last one counts
  // An integer is held as std::uint64_t only when std::int64_t cannot hold it.
  using Storage = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Time,
                               Array, Object, RawJson, Unreadable>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : storage_(value) {}
  Value(double value) : storage_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : storage_(from_integer(value)) {}
  Value(const char* text) : storage_(std::string(text)) {}
  Value(std::string_view text) : storage_(std::string(text)) {}
  Value(std::string text) : storage_(std::move(text)) {}
  Value(Bytes bytes) : storage_(std::move(bytes)) {}
  Value(Time time) : storage_(time) {}
  Value(RawJson json) : storage_(std::move(json)) {}
  Value(Unreadable what) : storage_(std::move(what)) {}
  Value(Array items) : storage_(std::move(items)) {}
  Value(Object members) : storage_(std::move(members)) {}

  const Storage& storage() const { return storage_; }

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }

  // The value when it is held as exactly a T, else nullptr.
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&storage_);
  }
  template <class T>
  T* get_if() {
    return std::get_if<T>(&storage_);
  }

  // The text when this is a string, else nullptr.
  const std::string* if_string() const { return get_if<std::string>(); }
  // A whole number within std::int64_t, however it was sent: JavaScript does not distinguish 3 from 3.0.
  std::optional<std::int64_t> if_integer() const;
  // Any number.
  std::optional<double> if_number() const;
  // Whether no part of it is Unreadable.
  bool is_readable() const;
  // The member of that name when this is an object that has it, else nullptr. Case matters.
  const Value* find(std::string_view name) const;

  bool operator==(const Value&) const = default;

 private:
  template <std::integral T>
  static Storage from_integer(T value) {
    if (std::in_range<std::int64_t>(value)) return Storage(static_cast<std::int64_t>(value));
    return Storage(static_cast<std::uint64_t>(value));
  }

  Storage storage_;
};

}  // namespace signalr
