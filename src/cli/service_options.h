// The options by which a command line names the running service.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "service/own_url.h"

namespace message_service::cli {

inline void add_ca_file_option(CLI::App& command, service::NamedService& named) {
  command.add_option("--ca-file", named.ca_file,
                     "Whom to believe that an https service is who it says, in PEM; else the system's certificates");
}

// Adds --url and --ca-file. A url that `named` has already is the default.
inline void add_service_options(CLI::App& command, service::NamedService& named) {
  if (named.url.empty()) {
    command.add_option("--url", named.url, "The service, where it is not at the configured Urls");
  } else {
    command.add_option("--url", named.url, "The service")->capture_default_str();
  }
  add_ca_file_option(command, named);
}

}  // namespace message_service::cli
