#include "http/server/listening.h"

#include <algorithm>

#include "base/ascii.h"

namespace http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Whether the machine has the address now; IPv6 may be switched off.
bool can_bind(const asio::ip::address& address) {
  asio::io_context context;
  tcp::socket probe(context);
  boost::system::error_code error;
  const Endpoint endpoint(address, 0);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.bind(endpoint, error);
  return !error;
}

base::Result<std::vector<Endpoint>> look_up(const ListenAddress& address) {
  asio::io_context context;
  boost::system::error_code error;
  const auto found = tcp::resolver(context).resolve(address.host, std::to_string(address.port), error);
  std::vector<Endpoint> endpoints;
  for (const auto& entry : found) {
    if (std::ranges::find(endpoints, entry.endpoint()) == endpoints.end()) endpoints.push_back(entry.endpoint());
  }
  if (endpoints.empty()) {
    return base::Error{base::ErrorCode::invalid,
                       "Urls: the name " + address.host + " cannot be looked up: " + error.message()};
  }
  return endpoints;
}

}  // namespace

base::Result<std::vector<Endpoint>> endpoints_of(const ListenAddress& address) {
  const std::uint16_t port = address.port;
  if (address.host == "*" || address.host == "+") {
    const asio::ip::address_v6 both = asio::ip::address_v6::any();
    return std::vector{can_bind(both) ? Endpoint(both, port) : Endpoint(asio::ip::address_v4::any(), port)};
  }
  if (base::equals_ignoring_case(address.host, "localhost")) {
    std::vector<Endpoint> endpoints{{asio::ip::address_v4::loopback(), port}};
    const asio::ip::address_v6 loopback = asio::ip::address_v6::loopback();
    if (can_bind(loopback)) endpoints.emplace_back(loopback, port);
    return endpoints;
  }
  boost::system::error_code is_name;
  const auto literal = asio::ip::make_address(address.host, is_name);
  if (is_name) return look_up(address);
  return std::vector{Endpoint(literal, port)};
}

std::string url_of(const Endpoint& endpoint, bool https) {
  const std::string host = endpoint.address().to_string();
  return (https ? "https://" : "http://") + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace http
