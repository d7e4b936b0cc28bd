// A server's address from its URL. Values; resolve() blocks for the look-up of a name.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace http {

struct ServerAddress {
  std::string authority;  // "127.0.0.1:5005", as the Host header wants it
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;
};

struct UrlParts {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string authority;
};

// "http://host[:port]" with nothing after it but a slash.
base::Result<UrlParts> parse_url(std::string_view url);

// `invalid`: as for parse_url(). `unavailable`: the host is not known.
base::Result<ServerAddress> resolve(std::string_view url);

}  // namespace http
