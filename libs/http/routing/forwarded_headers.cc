#include "http/routing/forwarded_headers.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/ascii.h"
#include "http/codec/field_line.h"

namespace http {

namespace {

std::optional<Address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const Address address = boost::asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  return plain_address(address);
}

// "10.1.2.3", "10.1.2.3:4567", "::1", "[::1]:4567".
std::optional<Address> parse_client(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return parse_address(has_port ? text.substr(0, colon) : text);
}

// The items of all header lines with that name, the last item first.
std::vector<std::string_view> items_from_right(const RequestHeaders& headers, std::string_view name) {
  std::vector<std::string_view> items;
  for (std::string_view line : headers.values(name)) {
    for (bool more = true; more;) {
      const std::size_t comma = line.find(',');
      more = comma != std::string_view::npos;
      items.push_back(trimmed(line.substr(0, comma)));
      if (more) line.remove_prefix(comma + 1);
    }
  }
  std::ranges::reverse(items);
  return items;
}

std::string_view item_at(const std::vector<std::string_view>& items, std::size_t i) {
  return i < items.size() ? items[i] : std::string_view();
}

template <class Bytes>
bool share_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

}  // namespace

Address plain_address(const Address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Network(*address, most);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
  return Network(*address, bits);
}

bool Network::contains(const Address& address) const {
  if (address.is_v4() != address_.is_v4()) return false;
  return address.is_v4() ? share_prefix(address.to_v4().to_bytes(), address_.to_v4().to_bytes(), bits_)
                         : share_prefix(address.to_v6().to_bytes(), address_.to_v6().to_bytes(), bits_);
}

bool ForwardedHeaders::knows(const Address& address) const {
  return std::ranges::any_of(known_, [&](const Network& network) { return network.contains(address); });
}

void ForwardedHeaders::apply(Request& request) const {
  if (!knows(request.client)) return;
  const auto clients = items_from_right(*request.headers, "X-Forwarded-For");
  const auto schemes = items_from_right(*request.headers, "X-Forwarded-Proto");
  const auto hosts = items_from_right(*request.headers, "X-Forwarded-Host");
  const std::size_t entries = std::max({clients.size(), schemes.size(), hosts.size()});
  for (std::size_t i = 0; i < std::min(entries, hops_) && knows(request.client); ++i) {
    if (const std::string_view text = item_at(clients, i); !text.empty()) {
      const auto client = parse_client(text);
      if (!client) return;  // its writer is unknown, and the entries to its left cannot be trusted
      request.client = *client;
    }
    for (const std::string_view scheme : {"http", "https"}) {
      if (base::equals_ignoring_case(item_at(schemes, i), scheme)) request.scheme = scheme;
    }
    if (const std::string_view host = item_at(hosts, i); !host.empty() && is_valid_host(host)) request.host = host;
  }
}

}  // namespace http
