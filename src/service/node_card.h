// What this node says of itself to the others.
#pragma once

#include "config/settings.h"
#include "ports/version_register.h"
#include "service/roles.h"

namespace message_service::service {

// "api,persister,hub", those that the node has.
std::string roles_text(const Roles& roles);

NodeCard node_card(const config::Settings& settings, const Roles& roles);

}  // namespace message_service::service
