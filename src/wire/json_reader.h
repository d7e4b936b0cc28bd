// Reads JSON with every limit on. Private to the wire's own sources: it exposes Boost.JSON.
#pragma once

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/field_errors.h"

namespace message_service::wire {

inline boost::json::parse_options parse_options() {
  boost::json::parse_options options;
  options.max_depth = 64;  // as System.Text.Json
  return options;
}

// A byte order mark first is no part of the text; PowerShell and .NET's StreamWriter put one there.
inline std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

inline base::Error not_json(const boost::json::error_code& error, std::size_t place) {
  return {base::ErrorCode::invalid, "is not JSON: " + error.message() + " near byte " + std::to_string(place)};
}

inline const base::Error kNoObject{base::ErrorCode::invalid, "must be a JSON object"};

inline FieldError no_string(std::string_view field) { return {std::string(field), "must be a string"}; }

// A parsed JSON object and the memory it lives in; small documents need no allocation.
class Document {
 public:
  // `invalid` names the place of the first mistake.
  base::Result<void> parse(std::string_view text) {
    text = without_byte_order_mark(text);
    boost::json::stream_parser parser({}, parse_options(), parse_buffer_.data(), parse_buffer_.size());
    parser.reset(&memory_);
    boost::json::error_code error;
    const std::size_t parsed = parser.write_some(text.data(), text.size(), error);
    if (!error && parsed < text.size()) error = boost::json::error::extra_data;
    if (!error) parser.finish(error);
    if (error) return not_json(error, parsed);
    value_ = parser.release();
    if (!value_.is_object()) return kNoObject;
    return {};
  }

  const boost::json::object& object() const { return value_.get_object(); }

 private:
  std::array<unsigned char, 4096> value_buffer_;
  std::array<unsigned char, 1024> parse_buffer_;
  boost::json::monotonic_resource memory_{value_buffer_.data(), value_buffer_.size()};
  boost::json::value value_ = boost::json::value(boost::json::storage_ptr(&memory_));
};

// The member of that name, as ASP.NET binds it: in any case, and the last one counts of several.
inline const boost::json::value* find_member(const boost::json::object& object, std::string_view key) {
  const boost::json::value* found = nullptr;
  for (const auto& member : object) {
    const boost::json::string_view name = member.key();
    if (base::equals_ignoring_case({name.data(), name.size()}, key)) found = &member.value();
  }
  return found;
}

// The string under `key`; absent and null are nothing; any other type is an error of that field.
inline std::optional<std::string> string_field(const boost::json::object& object, std::string_view key,
                                               FieldErrors& errors) {
  const auto* value = find_member(object, key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
  errors.push_back(no_string(key));
  return std::nullopt;
}

inline std::optional<std::uint64_t> number_field(const boost::json::object& object, std::string_view key,
                                                 FieldErrors& errors) {
  const auto* value = find_member(object, key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  errors.push_back({std::string(key), "must be a whole number from 0"});
  return std::nullopt;
}

inline FieldError no_time(std::string_view field) {
  return {std::string(field), "must be an RFC 3339 time such as 2026-01-27T10:30:00.000Z"};
}

inline std::optional<base::Timestamp> time_field(const boost::json::object& object, std::string_view key,
                                                 FieldErrors& errors) {
  const auto text = string_field(object, key, errors);
  if (!text) return std::nullopt;
  const auto time = base::parse_timestamp(*text);
  if (!time) errors.push_back(no_time(key));
  return time;
}

}  // namespace message_service::wire
