#include "wire/string_fields.h"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/ascii.h"
#include "base/check.h"
#include "wire/json_reader.h"

namespace message_service::wire {

namespace {

using boost::json::error_code;
using Text = boost::json::string_view;

constexpr std::size_t kFieldsMax = 8;
constexpr std::size_t kNone = kFieldsMax;

// The parser calls it for each part of the text. Only the members directly in the object count.
class Collector {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  explicit Collector(std::span<const StringField> fields) : fields_(fields) { CHECK(fields.size() <= kFieldsMax); }

  bool is_object() const { return is_object_; }
  bool is_of_other_type(std::size_t field) const { return of_other_type_[field]; }

  bool on_document_begin(error_code& /*error*/) { return true; }
  bool on_document_end(error_code& /*error*/) { return true; }
  bool on_object_begin(error_code& /*error*/) {
    if (depth_ == 0) is_object_ = true;
    return open();
  }
  bool on_object_end(std::size_t /*size*/, error_code& /*error*/) { return close(); }
  bool on_array_begin(error_code& /*error*/) { return open(); }
  bool on_array_end(std::size_t /*size*/, error_code& /*error*/) { return close(); }

  bool on_key_part(Text part, std::size_t /*size*/, error_code& /*error*/) {
    if (depth_ == 1) parts_.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text rest, std::size_t /*size*/, error_code& /*error*/) {
    if (depth_ != 1) return true;
    std::string_view name(rest.data(), rest.size());
    if (!parts_.empty()) name = parts_.append(name);
    current_ = 0;
    while (current_ < fields_.size() && !base::equals_ignoring_case(fields_[current_].name, name)) ++current_;
    if (current_ == fields_.size()) current_ = kNone;
    parts_.clear();
    return true;
  }
  bool on_string_part(Text part, std::size_t /*size*/, error_code& /*error*/) {
    if (is_wanted()) parts_.append(part.data(), part.size());
    return true;
  }
  bool on_string(Text rest, std::size_t /*size*/, error_code& /*error*/) {
    if (!is_wanted()) return true;
    std::optional<std::string>& value = fields_[current_].value;
    value.emplace(parts_).append(rest.data(), rest.size());
    of_other_type_[current_] = false;
    parts_.clear();
    return true;
  }
  bool on_number_part(Text /*part*/, error_code& /*error*/) { return true; }
  bool on_int64(std::int64_t /*number*/, Text /*text*/, error_code& /*error*/) { return other_type(); }
  bool on_uint64(std::uint64_t /*number*/, Text /*text*/, error_code& /*error*/) { return other_type(); }
  bool on_double(double /*number*/, Text /*text*/, error_code& /*error*/) { return other_type(); }
  bool on_bool(bool /*value*/, error_code& /*error*/) { return other_type(); }
  bool on_null(error_code& /*error*/) { return absent(false); }
  bool on_comment_part(Text /*part*/, error_code& /*error*/) { return true; }
  bool on_comment(Text /*rest*/, error_code& /*error*/) { return true; }

 private:
  bool is_wanted() const { return depth_ == 1 && is_object_ && current_ != kNone; }
  bool other_type() { return absent(true); }
  bool absent(bool of_other_type) {
    if (!is_wanted()) return true;
    fields_[current_].value.reset();
    of_other_type_[current_] = of_other_type;
    return true;
  }
  bool open() {
    other_type();
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  const std::span<const StringField> fields_;
  std::array<bool, kFieldsMax> of_other_type_{};
  std::string parts_;  // of a key or text that arrives in pieces, because of escapes
  std::size_t depth_ = 0;
  std::size_t current_ = kNone;  // the field that the last key names
  bool is_object_ = false;
};

}  // namespace

base::Result<void> read_string_fields(std::string_view text, std::span<const StringField> fields, FieldErrors& errors) {
  text = without_byte_order_mark(text);
  boost::json::basic_parser<Collector> parser(parse_options(), fields);
  error_code error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && parsed < text.size()) error = boost::json::error::extra_data;
  if (error) return not_json(error, parsed);
  if (!parser.handler().is_object()) return kNoObject;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (parser.handler().is_of_other_type(i)) errors.push_back(no_string(fields[i].name));
  }
  return {};
}

}  // namespace message_service::wire
