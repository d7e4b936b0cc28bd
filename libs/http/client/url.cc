#include "http/client/url.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <charconv>

namespace http {

namespace {

base::Error invalid_url(std::string_view url) {
  return {base::ErrorCode::invalid,
          "\"" + std::string(url) + "\" is not of the form http://HOST[:PORT], e.g. http://127.0.0.1:5005"};
}

bool is_port_number(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65'535;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '_';
  });
}

}  // namespace

base::Result<UrlParts> parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return invalid_url(url);
  std::string_view authority = url.substr(scheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  std::string_view host = authority;
  std::string_view port = "80";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (bracket != std::string_view::npos) {
    if (!host.starts_with('[') || !host.ends_with(']')) return invalid_url(url);
    host = host.substr(1, host.size() - 2);
  }
  if (!is_host_name(host) || !is_port_number(port)) return invalid_url(url);
  return UrlParts{std::string(host), std::string(port), std::string(authority)};
}

base::Result<ServerAddress> resolve(std::string_view url) {
  const auto parts = parse_url(url);
  if (!parts) return parts.error();
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver(context);
  boost::system::error_code failure;
  const auto found = resolver.resolve(parts->host, parts->port, failure);
  if (failure) {
    return base::Error{base::ErrorCode::unavailable,
                       "host \"" + parts->host + "\" was not found: " + failure.message()};
  }
  ServerAddress target{parts->authority, {}};
  for (const auto& entry : found) target.endpoints.push_back(entry.endpoint());
  return target;
}

}  // namespace http
