// What proxies in front say of the request behind them: X-Forwarded-For, -Proto and -Host, as ASP.NET Core's middleware
// reads them. Values; any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "http/codec/message.h"

namespace http {

using Address = boost::asio::ip::address;

// Addresses with a prefix in common: "10.0.0.0/8", "2001:db8::/32", or one alone: "10.1.2.3".
class Network {
 public:
  static std::optional<Network> parse(std::string_view text);

  bool contains(const Address& address) const;

 private:
  Network(const Address& address, unsigned bits) : address_(address), bits_(bits) {}

  Address address_;
  unsigned bits_;
};

// "::ffff:10.1.2.3", as a socket for both families names a peer, is 10.1.2.3.
Address plain_address(const Address& address);

class ForwardedHeaders {
 public:
  // Believes nobody.
  ForwardedHeaders() = default;
  // Believes `known`; follows at most `hops` entries, from the right.
  ForwardedHeaders(std::vector<Network> known, std::size_t hops) : known_(std::move(known)), hops_(hops) {}

  // Puts what known proxies say over `client`, `scheme` and `host`, which are the connection's before.
  void apply(Request& request) const;

 private:
  bool knows(const Address& address) const;

  std::vector<Network> known_;
  std::size_t hops_ = 1;
};

}  // namespace http
