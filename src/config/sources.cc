#include "config/sources.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "config/aspnet.h"
#include "config/schema.h"
#include "config/trace_keys.h"

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
    return colon != std::string::npos && base::equals_ignoring_case(std::string_view(entry.key).substr(0, colon), name);
  });
}

bool is_key_in_no_section(std::string_view name) {
  return base::equals_ignoring_case(name, "HTTP_PORTS") ||
         std::any_of(schema().begin(), schema().end(), [name](const Entry& entry) {
           return entry.key.find(':') == std::string::npos && base::equals_ignoring_case(entry.key, name);
         });
}

// ASP.NET Core takes its variables with either prefix and without one, and the one without counts most.
constexpr std::array<std::string_view, 3> prefixes{"DOTNET_", "ASPNETCORE_", ""};

struct Variable {
  std::string_view name;  // without its prefix
  std::size_t rank;       // of the prefix: the higher one counts
};

Variable without_prefix(std::string_view name) {
  for (std::size_t rank = 0; rank + 1 < prefixes.size(); ++rank) {
    if (base::equals_ignoring_case(name.substr(0, prefixes[rank].size()), prefixes[rank])) {
      return {name.substr(prefixes[rank].size()), rank};
    }
  }
  return {name, prefixes.size() - 1};
}

// The key a variable means; "" when it is not meant for this service.
std::string key_of_variable(const Variable& variable) {
  const std::string_view name = variable.name;
  if (is_key_in_no_section(name)) return std::string(name);
  const bool has_prefix = variable.rank + 1 < prefixes.size();
  if (has_prefix && (is_aspnet_section(name) || base::equals_ignoring_case(name, "ENVIRONMENT")))
    return std::string(name);
  const std::size_t separator = name.find("__");
  if (separator == std::string::npos) return {};
  const std::string_view section = name.substr(0, separator);
  if (!is_section(section) && !is_aspnet_section(section)) return {};
  std::string key = replace_all(name, "__", ":");
  if (base::equals_ignoring_case(std::string_view(key).substr(0, client_prefix.size()), client_prefix)) {
    std::replace(key.begin() + client_prefix.size(), key.end(), '_', '.');
  }
  return key;
}

// How long the mark in front of a flag's key is: .NET takes "--Key" and "/Key", and "Key=VALUE" without any.
std::size_t prefix_of_flag(std::string_view flag) {
  if (flag.starts_with("--")) return 2;
  return flag.starts_with('/') ? 1 : 0;
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

std::string environment_name(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::string name = "Production";
  std::size_t rank_before = 0;
  for (const auto& [variable, value] : variables) {
    const auto [bare, rank] = without_prefix(variable);
    if (!base::equals_ignoring_case(bare, "ENVIRONMENT") || rank + 1 == prefixes.size() || rank < rank_before) continue;
    name = value;
    rank_before = rank;
  }
  return name;
}

Source read_environment(const std::vector<std::pair<std::string, std::string>>& variables) {
  // Ports go before addresses, so that addresses count where both are given, as in ASP.NET Core.
  struct Ranked {
    std::pair<bool, std::size_t> rank;
    Assignment assignment;
  };
  std::vector<Ranked> ranked;
  for (const auto& [name, value] : variables) {
    const Variable variable = without_prefix(name);
    std::string key = key_of_variable(variable);
    if (key.empty()) continue;
    const bool is_ports = base::equals_ignoring_case(key, "HTTP_PORTS");
    ranked.push_back({{!is_ports, variable.rank}, {std::move(key), {.text = value, .items = {}}}});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  // The service's own variables count more than OpenTelemetry's.
  Source source{"environment", read_otel_variables(variables), {}};
  for (const auto& [name, value] : variables) {
    if (auto text = otel_notice(name, value)) source.notices.push_back({source.name, name, std::move(*text)});
  }
  for (Ranked& each : ranked) source.assignments.push_back(std::move(each.assignment));
  return source;
}

Source read_flags(const std::vector<std::string>& flags) {
  Source source{"command line", {}, {}};
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const std::string_view flag = flags[i];
    const std::size_t prefix = prefix_of_flag(flag);
    const std::size_t equals = flag.find('=');
    if (equals != std::string::npos && (prefix > 0 || flag.front() != '-')) {
      source.assignments.push_back({std::string(flag.substr(prefix, equals - prefix)),
                                    {.text = std::string(flag.substr(equals + 1)), .items = {}}});
    } else if (prefix > 0 && i + 1 < flags.size() && prefix_of_flag(flags[i + 1]) == 0) {
      source.assignments.push_back({std::string(flag.substr(prefix)), {.text = flags[++i], .items = {}}});
    } else {
      // The flag may hold a value that must not be repeated: the mistake names its beginning only up to a blank.
      source.mistakes.push_back({source.name, std::string(flag.substr(0, flag.find_first_of("= "))),
                                 "must be --Section:Key=VALUE or --Section:Key VALUE"});
    }
  }
  return source;
}

}  // namespace message_service::config
