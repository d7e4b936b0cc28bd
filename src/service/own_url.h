// Where commands on this machine reach the service that has the same configuration.
#pragma once

#include <string>

#include "config/settings.h"
#include "http/client/client.h"

namespace message_service::service {

// The service as a command line names it; what is empty is as the configuration has it.
struct NamedService {
  std::string url;
  std::string ca_file;  // PEM: whom to believe by https; empty: the system's list
};

// An address for operators before the others, and one in clear text before one by TLS, whose certificate names the
// service to others.
std::string own_url(const config::Settings& settings);

// A host that AllowedHosts lets through for requests to that address; empty: the address's own.
std::string own_host(const config::Settings& settings);

// Adds to the options by which certificate the service is known: the configured one counts by itself, because it names
// the service to others. Where that cannot be read, `ca_file` must prove it.
http::ClientOptions with_trust(http::ClientOptions options, const config::Settings& settings,
                               const NamedService& service);

}  // namespace message_service::service
