// Writes JSON text straight into a string: what the hot path needs, and no tree in between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_text.h"

namespace message_service::wire {

// One JSON object, closed by close(). Keys are literals of ours and are not escaped.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }

  ObjectWriter& string(std::string_view key, std::string_view value) {
    name(key);
    append_json_string(out_, value);
    return *this;
  }
  ObjectWriter& number(std::string_view key, std::uint64_t value) {
    name(key);
    out_.append(std::to_string(value));
    return *this;
  }
  ObjectWriter& boolean(std::string_view key, bool value) {
    name(key);
    out_.append(value ? "true" : "false");
    return *this;
  }
  // `json` is copied as it is.
  ObjectWriter& raw(std::string_view key, std::string_view json) {
    name(key);
    out_.append(json);
    return *this;
  }
  void close() { out_.push_back('}'); }

 private:
  void name(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(key);
    out_.append("\":");
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace message_service::wire
