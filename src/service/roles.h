// The work of a node: it takes messages, stores them, sends them to clients. A value.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/settings.h"

namespace message_service::service {

struct Roles {
  bool api = true;
  bool persister = true;
  bool hub = true;
};

// "api,persister,hub" in any order; at least one.
base::Result<Roles> parse_roles(std::string_view text);

// `invalid`: the node needs a role that it does not have, because its log or its store is one that no other process can
// use. The error says which, and why.
base::Result<void> check_roles(const Roles& roles, const config::Providers& providers);

}  // namespace message_service::service
