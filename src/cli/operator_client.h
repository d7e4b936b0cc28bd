// A client of a running service for the commands that only an operator may use.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/client/client.h"
#include "service/own_url.h"

namespace message_service::cli {

struct OperatorAccess {
  service::NamedService named{.url = "http://127.0.0.1:5005", .ca_file = {}};
  std::string token;
  std::string data_directory = "data";  // of the service, whose own token serves where there is no other
};

// Null when the command line names no service or no token: that is printed, and the exit code is 2. `options`: but for
// whom to believe.
std::unique_ptr<http::Client> operator_client(const OperatorAccess& access, std::chrono::milliseconds timeout,
                                              http::ClientOptions options = {});

}  // namespace message_service::cli
