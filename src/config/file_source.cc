#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "config/sources.h"

namespace message_service::config {

namespace {

namespace json = boost::json;

constexpr std::string_view default_file = "appsettings.json";
constexpr std::size_t file_bytes_max = 1 << 20;

Given scalar(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return {Given::Kind::text, std::string(value.get_string()), {}};
    case json::kind::bool_:
      return {Given::Kind::boolean, value.get_bool() ? "true" : "false", {}};
    case json::kind::null:
      return {Given::Kind::null, "null", {}};
    default:
      return {Given::Kind::number, json::serialize(value), {}};
  }
}

Given list_of(const json::array& array) {
  Given given{Given::Kind::list, {}, {}};
  for (const json::value& item : array) {
    if (!item.is_string()) return {Given::Kind::broken_list, {}, {}};
    given.items.emplace_back(item.get_string());
  }
  return given;
}

bool is_list_of_objects(const json::value& value) {
  const json::array* array = value.if_array();
  return array != nullptr && !array->empty() && std::ranges::all_of(*array, &json::value::is_object);
}

void flatten(const std::string& prefix, const json::value& value, std::vector<Assignment>& out) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, inner] : *object) {
      flatten(prefix.empty() ? std::string(name) : prefix + ":" + std::string(name), inner, out);
    }
  } else if (is_list_of_objects(value)) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      flatten(prefix + ":" + std::to_string(i), value.get_array()[i], out);
    }
  } else {
    out.push_back({prefix, value.is_array() ? list_of(value.get_array()) : scalar(value)});
  }
}

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1);
}

// Returns the fault, or an empty text.
std::string parse(std::string_view text, std::vector<Assignment>& out) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  json::parse_options options;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  json::stream_parser parser({}, options);
  json::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (!error) parser.finish(error);
  if (error) return "is not valid JSON: " + error.message() + " at " + place_of(text, read);
  const json::value root = parser.release();
  if (!root.is_object()) return "must hold one JSON object";
  flatten("", root, out);
  return {};
}

// Returns the fault, or an empty text.
std::string read_text_file(const std::string& path, std::string& text) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return "cannot be read: it is a folder";
  std::ifstream file(path, std::ios::binary);
  if (!file) return "cannot be read: " + std::generic_category().message(errno);
  text.resize(file_bytes_max + 1);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max) return "must be at most " + std::to_string(file_bytes_max) + " bytes";
  return {};
}

}  // namespace

Source read_environment_file(std::string_view environment_name) {
  const std::string name = "appsettings." + std::string(environment_name) + ".json";
  std::error_code error;
  if (environment_name.empty() || environment_name.find('/') != std::string_view::npos ||
      !std::filesystem::exists(name, error)) {
    return {name, {}, {}};
  }
  return read_file(name);
}

Source read_file(const std::optional<std::string>& named_file) {
  Source source{named_file.value_or(std::string(default_file)), {}, {}};
  std::error_code error;
  if (!named_file && !std::filesystem::exists(source.name, error) && !error) return source;
  std::string text;
  std::string wrong = read_text_file(source.name, text);
  if (wrong.empty()) wrong = parse(text, source.assignments);
  if (!wrong.empty()) source.mistakes.push_back({source.name, "", wrong});
  return source;
}

}  // namespace message_service::config
