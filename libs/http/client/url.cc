#include "http/client/url.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <charconv>

namespace http {

namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

bool is_visible(char c) { return c > ' ' && c < '\x7F'; }

base::Error invalid_url(std::string_view url) {
  return {base::ErrorCode::invalid,
          "\"" + std::string(url) +
              "\" is not of the form http://HOST[:PORT] or https://HOST[:PORT], e.g. http://127.0.0.1:5005"};
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
  const bool https = url.starts_with(kHttps);
  if (!https && !url.starts_with(kHttp)) return invalid_url(url);
  std::string_view authority = url.substr(https ? kHttps.size() : kHttp.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  std::string_view host = authority;
  std::string_view port = https ? "443" : "80";
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
  return UrlParts{std::string(host), std::string(port), std::string(authority), https};
}

base::Result<Resource> parse_resource(std::string_view url) {
  const std::string_view whole = url.substr(0, url.find('#'));
  const std::size_t scheme_end = whole.find("://");
  if (scheme_end == std::string_view::npos) return invalid_url(url);
  const std::size_t server_end = std::min(whole.find_first_of("/?", scheme_end + 3), whole.size());
  const auto parts = parse_url(whole.substr(0, server_end));
  if (!parts) return parts.error();
  const std::string_view rest = whole.substr(server_end);
  if (!std::ranges::all_of(rest, is_visible)) {
    return base::Error{base::ErrorCode::invalid, "\"" + std::string(url) + "\" has a character that a URL must escape"};
  }
  return Resource{std::string(whole.substr(0, server_end)), (rest.starts_with('/') ? "" : "/") + std::string(rest)};
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
  ServerAddress target{.authority = parts->authority, .host = parts->host, .https = parts->https};
  for (const auto& entry : found) target.endpoints.push_back(entry.endpoint());
  return target;
}

}  // namespace http
