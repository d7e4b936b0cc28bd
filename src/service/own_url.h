// Where commands on this machine reach the service that has the same configuration.
#pragma once

#include <string>

#include "config/settings.h"

namespace message_service::service {

// An address for operators before the others, and one in clear text before one by TLS, whose certificate names the
// service to others.
std::string own_url(const config::Settings& settings);

// A host that AllowedHosts lets through for requests to that address; empty: the address's own.
std::string own_host(const config::Settings& settings);

}  // namespace message_service::service
