// What a node does: takes messages, stores them, tells clients. A value.
#pragma once

#include <string_view>

#include "base/result.h"

namespace message_service::app {

struct Roles {
  bool api = true;
  bool persister = true;
  bool hub = true;
};

// "api,persister,hub" in any order; at least one.
Result<Roles> parse_roles(std::string_view text);

}  // namespace message_service::app
