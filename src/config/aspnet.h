// The keys that ASP.NET Core has and this service has not, and the meaning of each here. The service ignores no setting
// in silence.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "config/entry.h"

namespace message_service::config {

// The key means the same as another key.
struct Translation {
  std::string key;
  Given given;
};
// The key is not supported: the service refuses to start, with the text, which names the alternative.
struct Unsupported {
  std::string text;
};
// The key does no harm: the start goes on, and the text is printed.
struct Pointless {
  std::string text;
};
using AspNetMeaning = std::variant<Translation, Unsupported, Pointless>;

// Nothing when ASP.NET Core has no such key either.
std::optional<AspNetMeaning> aspnet_meaning(std::string_view key, const Given& given);

// Whether ASP.NET Core has a section of that name, or a key outside any section.
bool is_aspnet_section(std::string_view name);

}  // namespace message_service::config
