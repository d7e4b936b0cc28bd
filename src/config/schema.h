// The one declaration of every option, in the order in which people read them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/entry.h"

namespace message_service::config {

// Made on first use, never changed; any thread.
const std::vector<Entry>& schema();

// A conflict between two good values; `keys` are the options involved, and the mistake names the first one.
struct Contradiction {
  std::vector<std::string> keys;
  std::string text;
};
std::vector<Contradiction> contradictions(const Settings& settings);

// Of the names below KafkaSettings:Client. The reason why this librdkafka property may not be passed through, if there
// is one.
std::optional<std::string> reserved_client_property(const std::string& name);

// Of the names below Authentication:Schemes:Bearer:SigningKeys, such as "0:value".
std::optional<std::string> unknown_signing_key_member(const std::string& name);
bool is_signing_secret(std::string_view name);

}  // namespace message_service::config
