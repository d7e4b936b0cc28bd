#include "config/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "config/text.h"

namespace message_service::config {

namespace {

bool is_address(std::string_view host, int family) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(family, std::string(host).c_str(), buffer) == 1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A mistyped IPv4 address is not looked up as a name.
bool is_name(std::string_view host) {
  const auto fits = [](char c) { return is_digit(c) || (base::lower_case(c) >= 'a' && base::lower_case(c) <= 'z'); };
  return !host.empty() && host.size() <= 253 && fits(host.front()) && fits(host.back()) &&
         !std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; }) &&
         std::ranges::all_of(host, [&](char c) { return fits(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return is_address(host.substr(1, host.size() - 2), AF_INET6);
  }
  return host == "*" || host == "+" || is_address(host, AF_INET) || is_name(host);
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

}  // namespace

bool is_ip_address(std::string_view text) { return is_address(text, AF_INET) || is_address(text, AF_INET6); }

bool is_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_ip_address(text.substr(0, slash))) return false;
  const auto bits = parse_port(text.substr(slash + 1));
  return bits && *bits <= (is_address(text.substr(0, slash), AF_INET) ? 32 : 128);
}

std::optional<http::ListenAddress> parse_endpoint(std::string_view url) {
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  const bool https = base::equals_ignoring_case(url.substr(0, secure.size()), secure);
  const std::string_view scheme = https ? secure : plain;
  if (!base::equals_ignoring_case(url.substr(0, scheme.size()), scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (!url.empty() && url.back() == '/') url.remove_suffix(1);

  const std::size_t bracket = url.starts_with('[') ? url.find(']') : 0;
  const std::size_t colon = std::min(url.find(':', bracket), url.size());
  http::ListenAddress endpoint{
      .host = std::string(url.substr(0, colon)), .port = static_cast<std::uint16_t>(https ? 443 : 80), .https = https};
  if (!is_host(endpoint.host)) return std::nullopt;
  if (colon < url.size()) {
    const auto port = parse_port(url.substr(colon + 1));
    if (!port) return std::nullopt;
    endpoint.port = *port;
  }
  if (endpoint.host.front() == '[') endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  return endpoint;
}

std::optional<std::vector<http::ListenAddress>> parse_endpoints(std::string_view urls) {
  std::vector<http::ListenAddress> endpoints;
  for (const std::string& url : split_list(urls, ';')) {
    if (url.empty()) continue;  // after the last one
    const auto endpoint = parse_endpoint(url);
    if (!endpoint) return std::nullopt;
    endpoints.push_back(*endpoint);
  }
  if (endpoints.empty()) return std::nullopt;
  return endpoints;
}

}  // namespace message_service::config
