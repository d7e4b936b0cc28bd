// Where a server listens: turns a configured host into the addresses of this machine that it stands for. Blocks for a
// name's look-up.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace http {

using Endpoint = boost::asio::ip::tcp::endpoint;

struct ListenAddress {
  std::string host;        // an IP address, "localhost", another name, or "*" or "+" for every address
  std::uint16_t port = 0;  // 0: the operating system chooses
  bool https = false;
  std::string_view door{};  // what the program's policy calls the address by; a literal
};

// "localhost" is 127.0.0.1 and, if the machine has it, ::1; "*" and [::] are every address of both families. Never
// returns an empty list; returns `invalid` when the name is not known.
base::Result<std::vector<Endpoint>> endpoints_of(const ListenAddress& address);

// "http://[::1]:5005".
std::string url_of(const Endpoint& endpoint, bool https);

}  // namespace http
