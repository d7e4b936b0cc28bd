#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/clock.h"
#include "signalr/protocol/json_value.h"

namespace signalr {

namespace {

void append_number(std::string& out, auto number) {
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void append_fraction(std::string& out, std::uint32_t nanoseconds) {
  if (nanoseconds == 0) return;
  std::string digits = std::to_string(nanoseconds);
  digits.insert(0, 9 - std::min<std::size_t>(9, digits.size()), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  out.append(".").append(digits);
}

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void operator()(std::monostate) { out_.append("null"); }
  void operator()(bool value) { out_.append(value ? "true" : "false"); }
  void operator()(std::int64_t value) { append_number(out_, value); }
  void operator()(std::uint64_t value) { append_number(out_, value); }
  void operator()(double value) {
    if (std::isfinite(value)) {
      append_number(out_, value == 0 ? 0.0 : value);  // no "-0", as JSON.stringify
    } else {
      out_.append("null");
    }
  }
  void operator()(const std::string& text) { base::append_json_string(out_, text); }
  void operator()(const Value::Bytes& bytes) {
    out_.push_back('"');
    base::append_base64(out_, bytes);
    out_.push_back('"');
  }
  void operator()(Time time) {
    constexpr std::size_t to_the_second = std::string_view("2000-01-01T00:00:00").size();
    const std::int64_t seconds = std::clamp(time.seconds, Time::kSecondsMin, Time::kSecondsMax);
    out_.push_back('"');
    out_.append(base::format_timestamp(seconds * 1000), 0, to_the_second);
    append_fraction(out_, time.nanoseconds);
    out_.append("Z\"");
  }
  void operator()(const Value::Array& items) {
    char before = '[';
    for (const Value& item : items) {
      out_.push_back(before);
      append_json(out_, item);
      before = ',';
    }
    out_.append(items.empty() ? "[]" : "]");
  }
  void operator()(const Value::Object& members) {
    char before = '{';
    for (const Value::Member& member : members) {
      out_.push_back(before);
      base::append_json_string(out_, member.name);
      out_.push_back(':');
      append_json(out_, member.value);
      before = ',';
    }
    out_.append(members.empty() ? "{}" : "}");
  }
  void operator()(const Unreadable& /*what*/) { out_.append("null"); }
  void operator()(const RawJson& json) { out_.append(json.text); }

 private:
  std::string& out_;
};

}  // namespace

void append_json(std::string& out, const Value& value) { std::visit(JsonWriter(out), value.storage()); }

std::string to_json(const Value& value) {
  std::string text;
  append_json(text, value);
  return text;
}

}  // namespace signalr
