#include "config/sources.h"

#include <unistd.h>

#include <algorithm>

#include "config/schema.h"

namespace message_service::config {

namespace {

constexpr std::string_view client_prefix = "KafkaSettings:Client:";

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (;;) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
}

bool is_section(std::string_view name) {
  return std::any_of(schema().begin(), schema().end(), [name](const Entry& entry) {
    const std::size_t colon = entry.key.find(':');
    return colon != std::string::npos && equal_ignoring_case(std::string_view(entry.key).substr(0, colon), name);
  });
}

// The key a variable means; "" when it is not meant for this service.
std::string key_of_variable(const std::string& name) {
  if (name == "Urls" || name == "URLS") return "Urls";
  const std::size_t separator = name.find("__");
  if (separator == std::string::npos || !is_section(std::string_view(name).substr(0, separator))) return {};
  std::string key = replace_all(name, "__", ":");
  if (equal_ignoring_case(std::string_view(key).substr(0, client_prefix.size()), client_prefix)) {
    std::replace(key.begin() + client_prefix.size(), key.end(), '_', '.');
  }
  return key;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Source read_environment(const std::vector<std::pair<std::string, std::string>>& variables) {
  Source source{"environment", {}, {}};
  for (const auto& [name, value] : variables) {
    std::string key = key_of_variable(name);
    if (!key.empty()) source.assignments.push_back({std::move(key), {.text = value, .items = {}}});
  }
  return source;
}

Source read_flags(const std::vector<std::string>& flags) {
  Source source{"command line", {}, {}};
  for (const std::string& flag : flags) {
    const std::size_t equals = flag.find('=');
    if (!flag.starts_with("--") || equals == std::string::npos) {
      // Without its "=" a flag may hold a value we must not repeat: name its beginning only up to a blank.
      source.mistakes.push_back({source.name, flag.substr(0, flag.find_first_of("= ")), "must be --Section:Key=VALUE"});
      continue;
    }
    source.assignments.push_back({flag.substr(2, equals - 2), {.text = flag.substr(equals + 1), .items = {}}});
  }
  return source;
}

}  // namespace message_service::config
