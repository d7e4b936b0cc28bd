#include <algorithm>
#include <boost/json.hpp>

#include "config/load.h"

namespace message_service::config {

namespace {

std::string meaning(const Option& option) {
  std::string out = option.help + " (";
  out += option.bounds.empty() ? option.type : option.bounds;
  if (!option.default_value.empty()) out += "; default " + option.default_value;
  return out + ")";
}

}  // namespace

std::string print_text(const Loaded& loaded) {
  std::size_t key_width = 3;
  std::size_t value_width = 5;
  std::size_t origin_width = 4;
  for (const Option& option : loaded.options) {
    key_width = std::max(key_width, option.key.size());
    value_width = std::max(value_width, option.value.size());
    origin_width = std::max(origin_width, option.origin.size());
  }
  std::string out;
  const auto cell = [&out](const std::string& text, std::size_t width) {
    out += text;
    out.append(width - text.size() + 2, ' ');
  };
  const auto row = [&](const std::string& key, const std::string& value, const std::string& origin,
                       const std::string& help) {
    cell(key, key_width);
    cell(value, value_width);
    cell(origin, origin_width);
    out += help + "\n";
  };
  row("KEY", "VALUE", "FROM", "MEANING");
  for (const Option& option : loaded.options) row(option.key, option.value, option.origin, meaning(option));
  return out;
}

std::string print_json(const Loaded& loaded) {
  boost::json::array options;
  for (const Option& option : loaded.options) {
    options.push_back({{"key", option.key},
                       {"type", option.type},
                       {"value", option.value},
                       {"origin", option.origin},
                       {"default", option.default_value},
                       {"bounds", option.bounds},
                       {"help", option.help}});
  }
  boost::json::array mistakes;
  for (const Mistake& mistake : loaded.mistakes) {
    mistakes.push_back({{"source", mistake.source}, {"key", mistake.key}, {"text", mistake.text}});
  }
  return boost::json::serialize(boost::json::object{{"options", options}, {"mistakes", mistakes}}) + "\n";
}

std::string to_text(const Mistake& mistake) {
  std::string out = mistake.source + ": ";
  if (!mistake.key.empty()) out.append(mistake.key).append(": ");
  return out.append(mistake.text);
}

std::string print_mistakes(const std::vector<Mistake>& mistakes) {
  std::string out;
  for (const Mistake& mistake : mistakes) out.append(to_text(mistake)).append("\n");
  return out;
}

}  // namespace message_service::config
