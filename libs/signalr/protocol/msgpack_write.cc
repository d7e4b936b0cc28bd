#include <algorithm>
#include <bit>
#include <span>

#include "base/check.h"
#include "signalr/protocol/json_value.h"
#include "signalr/protocol/msgpack_value.h"
#include "signalr/protocol/time_text.h"

namespace signalr {

namespace {

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void append_tagged(std::string& out, int tag, std::uint64_t number, int bytes) {
  out.push_back(static_cast<char>(tag));
  append_big_endian(out, number, bytes);
}

void append_unsigned(std::string& out, std::uint64_t number) {
  if (number < 0x80) return append_big_endian(out, number, 1);
  if (number <= 0xFF) return append_tagged(out, 0xCC, number, 1);
  if (number <= 0xFFFF) return append_tagged(out, 0xCD, number, 2);
  if (number <= 0xFFFFFFFF) return append_tagged(out, 0xCE, number, 4);
  append_tagged(out, 0xCF, number, 8);
}

void append_signed(std::string& out, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  if (number >= 0) return append_unsigned(out, bits);
  if (number >= -0x20) return append_big_endian(out, bits, 1);
  if (number >= INT8_MIN) return append_tagged(out, 0xD0, bits, 1);
  if (number >= INT16_MIN) return append_tagged(out, 0xD1, bits, 2);
  if (number >= INT32_MIN) return append_tagged(out, 0xD2, bits, 4);
  append_tagged(out, 0xD3, bits, 8);
}

// Arrays and maps: a short form of up to 15 elements, then 16 and 32 bits.
void append_container_header(std::string& out, std::size_t count, int short_tag, int tag16) {
  if (count < 16) {
    out.push_back(static_cast<char>(short_tag | static_cast<int>(count)));
  } else if (count <= 0xFFFF) {
    append_tagged(out, tag16, count, 2);
  } else {
    append_tagged(out, tag16 + 1, count, 4);
  }
}

void append_bytes(std::string& out, const Value::Bytes& bytes) {
  if (bytes.size() <= 0xFF) {
    append_tagged(out, 0xC4, bytes.size(), 1);
  } else if (bytes.size() <= 0xFFFF) {
    append_tagged(out, 0xC5, bytes.size(), 2);
  } else {
    append_tagged(out, 0xC6, bytes.size(), 4);
  }
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Extension -1: 32 bits of seconds, or 30 of nanoseconds and 34 of seconds, or 32 and 64.
void append_time(std::string& out, Time time) {
  constexpr char type = -1;
  const auto seconds = static_cast<std::uint64_t>(time.seconds);
  if (seconds >> 34 != 0) {
    append_tagged(out, 0xC7, 12, 1);
    out.push_back(type);
    append_big_endian(out, time.nanoseconds, 4);
    append_big_endian(out, seconds, 8);
  } else if (time.nanoseconds != 0 || seconds > 0xFFFFFFFF) {
    out.append({'\xD7', type});
    append_big_endian(out, std::uint64_t{time.nanoseconds} << 34 | seconds, 8);
  } else {
    out.append({'\xD6', type});
    append_big_endian(out, seconds, 4);
  }
}

class MsgpackWriter {
 public:
  MsgpackWriter(std::string& out, PropertyNames names) : out_(out), names_(names) {}

  void operator()(std::monostate) { out_.push_back('\xC0'); }
  void operator()(bool value) { out_.push_back(value ? '\xC3' : '\xC2'); }
  void operator()(std::int64_t value) { append_signed(out_, value); }
  void operator()(std::uint64_t value) { append_unsigned(out_, value); }
  void operator()(double value) { append_tagged(out_, 0xCB, std::bit_cast<std::uint64_t>(value), 8); }
  void operator()(const std::string& text) { append_msgpack_string(out_, text); }
  void operator()(const Value::Bytes& bytes) { append_bytes(out_, bytes); }
  void operator()(Time time) { append_time(out_, time); }
  void operator()(const Value::Array& items) {
    append_msgpack_array_header(out_, items.size());
    for (const Value& item : items) append_msgpack(out_, item, names_);
  }
  void operator()(const Value::Object& members) {
    append_msgpack_map_header(out_, members.size());
    for (const Value::Member& member : members) {
      append_name(member.name);
      append_msgpack(out_, member.value, names_);
    }
  }
  void operator()(const Unreadable& /*what*/) { out_.push_back('\xC0'); }
  void operator()(const RawJson& json) {
    auto value = parse_json(json.text);
    CHECK(value.has_value());
    if (auto* members = value->get_if<Value::Object>()) read_times(*members, json.times);
    append_msgpack(out_, *value, names_);
  }

 private:
  // A text that is no time stays a text.
  static void read_times(Value::Object& members, std::span<const std::string_view> names) {
    for (auto& [name, value] : members) {
      if (std::ranges::find(names, name) == names.end()) continue;
      const std::string* text = value.if_string();
      const auto time = text != nullptr ? read_time(*text) : std::nullopt;
      if (time) value = *time;
    }
  }

  void append_name(std::string_view name) {
    append_msgpack_string(out_, name);
    if (names_ == PropertyNames::as_declared || name.empty()) return;
    char& first = out_[out_.size() - name.size()];
    const bool pascal = names_ == PropertyNames::pascal_case;
    if (pascal && first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
    if (!pascal && first >= 'A' && first <= 'Z') first = static_cast<char>(first - 'A' + 'a');
  }

  std::string& out_;
  const PropertyNames names_;
};

}  // namespace

void append_msgpack(std::string& out, const Value& value, PropertyNames names) {
  std::visit(MsgpackWriter(out, names), value.storage());
}

void append_msgpack_array_header(std::string& out, std::size_t count) {
  append_container_header(out, count, 0x90, 0xDC);
}

void append_msgpack_map_header(std::string& out, std::size_t count) { append_container_header(out, count, 0x80, 0xDE); }

void append_msgpack_string(std::string& out, std::string_view text) {
  if (text.size() < 32) {
    out.push_back(static_cast<char>(0xA0 | text.size()));
  } else if (text.size() <= 0xFF) {
    append_tagged(out, 0xD9, text.size(), 1);
  } else if (text.size() <= 0xFFFF) {
    append_tagged(out, 0xDA, text.size(), 2);
  } else {
    append_tagged(out, 0xDB, text.size(), 4);
  }
  out.append(text);
}

}  // namespace signalr
