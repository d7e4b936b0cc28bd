// Writes JSON text straight into a string, for the hot path, without a tree in between.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hex.h"
#include "base/json_text.h"

namespace base {

// One JSON object, closed by close(). A key that is a literal is ours and is not escaped.
class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }

  template <std::size_t size>
  JsonObjectWriter& string(const char (&key)[size], std::string_view value) {
    name(key);
    append_json_string(out_, value);
    return *this;
  }
  // For a key from elsewhere: it is escaped.
  JsonObjectWriter& string(const std::string& key, std::string_view value) {
    if (!first_) out_.push_back(',');
    first_ = false;
    append_json_string(out_, key);
    out_.push_back(':');
    append_json_string(out_, value);
    return *this;
  }
  template <std::size_t size>
  JsonObjectWriter& number(const char (&key)[size], std::uint64_t value) {
    name(key);
    out_.append(std::to_string(value));
    return *this;
  }
  // Written as a string. Times and hexadecimal digits have no characters to escape.
  template <std::size_t size>
  JsonObjectWriter& time(const char (&key)[size], Timestamp value) {
    return quoted(key, [&] { append_timestamp(out_, value); });
  }
  template <std::size_t size>
  JsonObjectWriter& hex(const char (&key)[size], std::span<const std::uint8_t> value) {
    return quoted(key, [&] { append_hex(out_, value); });
  }
  template <std::size_t size>
  JsonObjectWriter& boolean(const char (&key)[size], bool value) {
    name(key);
    out_.append(value ? "true" : "false");
    return *this;
  }
  // `json` is copied as it is.
  template <std::size_t size>
  JsonObjectWriter& raw(const char (&key)[size], std::string_view json) {
    name(key);
    out_.append(json);
    return *this;
  }
  void close() { out_.push_back('}'); }

 private:
  // Appends the comma, the quoted name and the colon in one piece, whose length the compiler knows.
  template <std::size_t size>
  void name(const char (&key)[size]) {
    std::array<char, size + 3> text{',', '"'};
    std::copy_n(key, size - 1, text.begin() + 2);
    text[size + 1] = '"';
    text[size + 2] = ':';
    const std::size_t comma = first_ ? 0 : 1;
    out_.append(text.data() + 1 - comma, text.size() - 1 + comma);
    first_ = false;
  }

  template <std::size_t size, class Append>
  JsonObjectWriter& quoted(const char (&key)[size], const Append& append) {
    name(key);
    out_.push_back('"');
    append();
    out_.push_back('"');
    return *this;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace base
