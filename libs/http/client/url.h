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
  std::string host;  // the name or address that a certificate must have
  bool https = false;

  std::string url() const { return (https ? "https://" : "http://") + authority; }
};

struct UrlParts {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string authority;
  bool https = false;
};

// "http://host[:port]" or "https://host[:port]", with nothing after it but a slash.
base::Result<UrlParts> parse_url(std::string_view url);

struct Resource {
  std::string server;  // a URL for resolve()
  std::string target;  // path and query, at least "/"
};

// "https://host[:port]/path?query", or with http. Drops a fragment.
base::Result<Resource> parse_resource(std::string_view url);

// `invalid`: as for parse_url(). `unavailable`: the host is not known.
base::Result<ServerAddress> resolve(std::string_view url);

}  // namespace http
