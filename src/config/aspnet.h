// Keys that ASP.NET Core has and this service has not: what each means here. Nobody's setting is ignored in silence.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "config/entry.h"

namespace message_service::config {

// It means what another key means.
struct Translation {
  std::string key;
  Given given;
};
// It cannot be had: the start is refused with the text, which names what to use.
struct Unsupported {
  std::string text;
};
// It does no harm: the start goes on, and the text is said.
struct Pointless {
  std::string text;
};
using AspNetMeaning = std::variant<Translation, Unsupported, Pointless>;

// Nothing when ASP.NET Core has no such key either.
std::optional<AspNetMeaning> aspnet_meaning(std::string_view key, const Given& given);

// Whether ASP.NET Core has a section, or a key in none, of that name.
bool is_aspnet_section(std::string_view name);

}  // namespace message_service::config
