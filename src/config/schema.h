// The one declaration of every option, in the order in which people read them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/entry.h"

namespace message_service::config {

// Made on first use, never changed; any thread.
const std::vector<Entry>& schema();

// What is wrong between two good values; `keys` are the options involved, the first one to be named in the mistake.
struct Contradiction {
  std::vector<std::string> keys;
  std::string text;
};
std::vector<Contradiction> contradictions(const Settings& settings);

// Why this librdkafka property may not be passed through, if so.
std::optional<std::string> reserved_client_property(const std::string& name);

}  // namespace message_service::config
