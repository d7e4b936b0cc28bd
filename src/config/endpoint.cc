#include <arpa/inet.h>

#include <charconv>

#include "config/settings.h"
#include "config/text.h"

namespace message_service::config {

namespace {

bool is_address(const std::string& host, int family) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(family, host.c_str(), buffer) == 1;
}

// What to bind to, as an IP address; "*" and "+" are ASP.NET's words for every address.
std::optional<std::string> address_of(std::string_view host) {
  if (host == "*" || host == "+") return "0.0.0.0";
  if (equal_ignoring_case(host, "localhost")) return "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const std::string inner(host.substr(1, host.size() - 2));
    return is_address(inner, AF_INET6) ? std::optional(inner) : std::nullopt;
  }
  const std::string text(host);
  return is_address(text, AF_INET) ? std::optional(text) : std::nullopt;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!equal_ignoring_case(url.substr(0, scheme.size()), scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (!url.empty() && url.back() == '/') url.remove_suffix(1);

  const std::size_t colon = url.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = url.substr(colon + 1);
  Endpoint endpoint;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;

  const auto host = address_of(url.substr(0, colon));
  if (!host) return std::nullopt;
  endpoint.host = *host;
  return endpoint;
}

}  // namespace message_service::config
