// `message-service bench http`: a load on a running server. Blocks its caller; prints the table on stdout, progress and
// mistakes on stderr. Returns the exit code: 0 done, 1 failed, 2 wrong options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load.h"

namespace message_service::bench {

struct HttpOptions {
  LoadOptions load;
  std::string url = "http://127.0.0.1:5005";
  std::uint32_t connections = 64;
  std::string path;        // a route other than the messages'; then the bench makes no conversations
  std::string owned_host;  // the host that may be loaded although it is not this machine
  std::string json_file;
};

// All mistakes, one line each, with the option's name.
std::vector<std::string> mistakes_in(const LoadOptions& options);
std::vector<std::string> mistakes_in(const HttpOptions& options);
std::vector<std::string> mistakes_in_connections(std::uint32_t connections, const LoadOptions& options);

int run_http(const HttpOptions& options);

}  // namespace message_service::bench
