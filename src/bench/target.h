// The server a load goes to. Values; made once before a run.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace message_service::bench {

struct Target {
  std::string authority;  // "127.0.0.1:5005", as the Host header wants it
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;
};

struct UrlParts {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string authority;
};

// "http://host[:port]" with nothing behind it but a slash.
base::Result<UrlParts> parse_url(std::string_view url);

// Looks the host up. A load is an attack on a host that is not one's own: every address must be loopback, unless
// `owned_host` names this very host.
base::Result<Target> resolve_target(std::string_view url, std::string_view owned_host);

}  // namespace message_service::bench
