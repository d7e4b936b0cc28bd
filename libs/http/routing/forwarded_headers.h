// Proxies' reports about the original request: X-Forwarded-For, -Proto and -Host, read as ASP.NET Core's middleware
// reads them. Values; any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bounds.h"
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

// Turns "::ffff:10.1.2.3", the form that a socket for both families gives, into 10.1.2.3.
Address plain_address(const Address& address);

class ForwardedHeaders {
 public:
  static constexpr base::Bounds<std::size_t> hops_bounds{1, 64};

  // Trusts no proxy.
  ForwardedHeaders() = default;
  // Trusts the proxies in `known`; follows at most `hops` entries, from the right.
  ForwardedHeaders(std::vector<Network> known, std::size_t hops) : known_(std::move(known)), hops_(hops) {}

  // Overwrites `client`, `scheme` and `host`, which describe the connection, with the values that known proxies report.
  void apply(Request& request) const;

 private:
  bool knows(const Address& address) const;

  std::vector<Network> known_;
  std::size_t hops_ = 1;
};

}  // namespace http
