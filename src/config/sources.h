// The three sources of a value, each read into the same form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/entry.h"
#include "config/load.h"

namespace message_service::config {

struct Assignment {
  std::string key;  // "Section:Key", as written
  Given given;
};

// The assignments of one source, and the parts of it that could not even be read.
struct Source {
  std::string name;
  std::vector<Assignment> assignments;
  std::vector<Mistake> mistakes;
  std::vector<Mistake> notices{};  // of what is known and has no effect
};

Source read_file(const std::optional<std::string>& named_file);
// appsettings.ENVIRONMENT.json, where it exists.
Source read_environment_file(std::string_view environment_name);
// From ASPNETCORE_ENVIRONMENT or DOTNET_ENVIRONMENT; as in ASP.NET Core, Production where neither is set.
std::string environment_name(const std::vector<std::pair<std::string, std::string>>& variables);
Source read_environment(const std::vector<std::pair<std::string, std::string>>& variables);
Source read_flags(const std::vector<std::string>& flags);

}  // namespace message_service::config
