#include "jwt/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/utf8.h"

namespace jwt {

namespace {

using ParseErrorCode = boost::json::error_code;
using Text = boost::json::string_view;

constexpr std::size_t kMaxDepth = 16;

// Builds the tree from the parser's calls and counts the names. A tree keeps one of two members of the same name, so it
// then has fewer names than the text.
class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  TreeBuilder() { stack_.reset(); }

  boost::json::value take() { return stack_.release(); }
  std::size_t names() const { return names_; }

  bool on_document_begin(ParseErrorCode& /*error*/) { return true; }
  bool on_document_end(ParseErrorCode& /*error*/) { return true; }
  bool on_object_begin(ParseErrorCode& /*error*/) { return true; }
  bool on_object_end(std::size_t count, ParseErrorCode& /*error*/) {
    names_ += count;
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(ParseErrorCode& /*error*/) { return true; }
  bool on_array_end(std::size_t count, ParseErrorCode& /*error*/) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(Text part, std::size_t /*size*/, ParseErrorCode& /*error*/) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(Text rest, std::size_t /*size*/, ParseErrorCode& /*error*/) {
    stack_.push_key(rest);
    return true;
  }
  bool on_string_part(Text part, std::size_t /*size*/, ParseErrorCode& /*error*/) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(Text rest, std::size_t /*size*/, ParseErrorCode& /*error*/) {
    stack_.push_string(rest);
    return true;
  }
  bool on_number_part(Text /*part*/, ParseErrorCode& /*error*/) { return true; }
  bool on_int64(std::int64_t number, Text /*text*/, ParseErrorCode& /*error*/) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, Text /*text*/, ParseErrorCode& /*error*/) {
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double number, Text /*text*/, ParseErrorCode& /*error*/) {
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool value, ParseErrorCode& /*error*/) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(ParseErrorCode& /*error*/) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(Text /*part*/, ParseErrorCode& /*error*/) { return true; }
  bool on_comment(Text /*rest*/, ParseErrorCode& /*error*/) { return true; }

 private:
  boost::json::value_stack stack_;
  std::size_t names_ = 0;
};

std::size_t count_names(const boost::json::value& value) {
  std::size_t count = 0;
  if (const auto* const object = value.if_object()) {
    count += object->size();
    for (const auto& member : *object) count += count_names(member.value());
  } else if (const auto* const array = value.if_array()) {
    for (const auto& element : *array) count += count_names(element);
  }
  return count;
}

}  // namespace

base::Result<boost::json::object> read_json_object(std::string_view text, std::string_view what) {
  const auto error = [what](std::string_view complaint) { return invalid(std::string(what).append(complaint)); };
  if (!base::is_valid_utf8(text)) return error(" is not UTF-8");
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<TreeBuilder> parser(options);
  ParseErrorCode failed;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), failed);
  if (failed == boost::json::error::too_deep) return error(" has more than 16 levels");
  if (failed || read != text.size()) return error(" is not JSON");
  boost::json::value tree = parser.handler().take();
  if (!tree.is_object()) return error(" is not a JSON object");
  if (count_names(tree) != parser.handler().names()) return error(" has an object with the same name twice");
  return std::move(tree.get_object());
}

}  // namespace jwt
