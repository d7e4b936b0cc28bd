#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "signalr/protocol/json_value.h"

namespace signalr {

namespace {

using ParseErrorCode = boost::json::error_code;
using Text = boost::json::string_view;

// Builds a Value from the parser's calls, without Boost.JSON's own tree in between. All bounds are the caller's: the
// text's size and the parser's depth.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Value take() { return std::move(root_); }

  bool on_document_begin(ParseErrorCode& /*error*/) { return true; }
  bool on_document_end(ParseErrorCode& /*error*/) { return true; }
  bool on_object_begin(ParseErrorCode& /*error*/) { return open(Value::Object()); }
  bool on_object_end(std::size_t /*count*/, ParseErrorCode& /*error*/) { return close(); }
  bool on_array_begin(ParseErrorCode& /*error*/) { return open(Value::Array()); }
  bool on_array_end(std::size_t /*count*/, ParseErrorCode& /*error*/) { return close(); }
  bool on_key_part(Text part, std::size_t /*count*/, ParseErrorCode& /*error*/) { return append(part); }
  bool on_key(Text part, std::size_t /*count*/, ParseErrorCode& /*error*/) {
    append(part);
    open_.back().get_if<Value::Object>()->push_back({take_text(), {}});
    return true;
  }
  bool on_string_part(Text part, std::size_t /*count*/, ParseErrorCode& /*error*/) { return append(part); }
  bool on_string(Text part, std::size_t /*count*/, ParseErrorCode& /*error*/) {
    append(part);
    return add(take_text());
  }
  bool on_number_part(Text part, ParseErrorCode& /*error*/) { return append(part); }
  bool on_int64(std::int64_t number, Text /*part*/, ParseErrorCode& /*error*/) {
    text_.clear();
    return add(number);
  }
  bool on_uint64(std::uint64_t number, Text /*part*/, ParseErrorCode& /*error*/) {
    text_.clear();
    return add(number);
  }
  // Boost.JSON's own doubles may be off by a bit, so the text is read again.
  bool on_double(double number, Text part, ParseErrorCode& /*error*/) {
    append(part);
    const std::string digits = take_text();
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return add(number);
  }
  bool on_bool(bool value, ParseErrorCode& /*error*/) { return add(value); }
  bool on_null(ParseErrorCode& /*error*/) { return add(nullptr); }
  bool on_comment_part(Text /*part*/, ParseErrorCode& /*error*/) { return true; }
  bool on_comment(Text /*part*/, ParseErrorCode& /*error*/) { return true; }

 private:
  bool append(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }

  std::string take_text() { return std::exchange(text_, {}); }

  bool open(Value container) {
    open_.push_back(std::move(container));
    return true;
  }

  bool close() {
    Value container = std::move(open_.back());
    open_.pop_back();
    return add(std::move(container));
  }

  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto* items = open_.back().get_if<Value::Array>()) {
      items->push_back(std::move(value));
    } else {
      open_.back().get_if<Value::Object>()->back().value = std::move(value);
    }
    return true;
  }

  Value root_;
  std::vector<Value> open_;  // the arrays and objects not yet ended, outermost first
  std::string text_;         // of the key, string or number being read
};

}  // namespace

base::Result<Value> parse_json(std::string_view text, std::size_t nesting_max, std::size_t* mistake_at) {
  boost::json::parse_options options;
  options.max_depth = nesting_max;
  boost::json::basic_parser<ValueBuilder> parser(options);
  ParseErrorCode error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && parsed < text.size()) error = boost::json::error::extra_data;
  if (error) {
    if (mistake_at != nullptr) *mistake_at = parsed;
    return base::Error{base::ErrorCode::invalid,
                       "Not JSON: " + error.message() + " near byte " + std::to_string(parsed) + "."};
  }
  return parser.handler().take();
}

}  // namespace signalr
