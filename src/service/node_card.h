// The description that this node gives to the others.
#pragma once

#include "config/settings.h"
#include "ports/version_register.h"
#include "service/roles.h"

namespace message_service::service {

// The roles that the node has, out of "api,persister,hub".
std::string roles_text(const Roles& roles);

NodeCard node_card(const config::Settings& settings, const Roles& roles);

}  // namespace message_service::service
