#include "config/rules.h"

#include <algorithm>

#include "base/utf8.h"
#include "config/endpoint.h"

namespace message_service::config {

namespace {

bool printable(std::string_view text) { return base::is_valid_utf8(text) && !base::has_control_characters(text); }

bool is_short_printable(std::string_view text) { return text.size() <= 128 && printable(text); }

bool is_long_printable(std::string_view text) { return text.size() <= 1024 && printable(text); }

bool is_web_url(std::string_view text) {
  const bool web = text.starts_with("https://") || text.starts_with("http://");
  return web && printable(text) && text.find(' ') == std::string_view::npos && text.find('@') == std::string_view::npos;
}

bool is_server(std::string_view server) {
  const std::size_t colon = server.rfind(':');
  if (colon == 0 || colon == std::string_view::npos || server.find(' ') != std::string_view::npos) return false;
  const auto port =
      read_number({.kind = Given::Kind::text, .text = std::string(server.substr(colon + 1)), .items = {}});
  return port && *port >= 1 && *port <= 65'535;
}

bool are_servers(std::string_view text) {
  const auto servers = split_list(text);
  return std::all_of(servers.begin(), servers.end(), is_server);
}

bool is_topic_prefix(std::string_view text) {
  return text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool is_mongodb_url(std::string_view text) {
  return (text.starts_with("mongodb://") || text.starts_with("mongodb+srv://")) && printable(text);
}

bool is_database_name(std::string_view text) {
  return text.size() <= 63 && printable(text) && text.find_first_of("/\\. \"$*<>:|?") == std::string_view::npos;
}

bool are_hosts(std::string_view text) {
  const auto hosts = split_list(text, ';');
  return std::all_of(hosts.begin(), hosts.end(), [](const std::string& host) {
    const std::string_view name = host.starts_with("*.") ? std::string_view(host).substr(2) : std::string_view(host);
    return name == "*" ||
           (!name.empty() && printable(name) && name.find_first_of("/*?#@ ,") == std::string_view::npos &&
            (name.front() == '[' || name.find(':') == std::string_view::npos));
  });
}

bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || !printable(text)) return false;
  const std::string_view host = text.substr(scheme + 3);
  return (text.starts_with("http://") || text.starts_with("https://")) && !host.empty() &&
         host.find_first_of("/*?#@ ") == std::string_view::npos;
}

}  // namespace

namespace rules {

const TextRule listen_urls{
    "http://HOST:PORT or https://HOST:PORT with an IP address, a name, localhost or *; several separated by ';'",
    [](std::string_view text) { return parse_endpoints(text).has_value(); }};
const TextRule optional_listen_urls{listen_urls.must_be, listen_urls.fits, true};
const TextRule allowed_hosts{"* or names without ports, separated by ';'", are_hosts};
const TextRule ip_address{"an IP address", is_ip_address, true};
const TextRule network{"a network such as 10.0.0.0/8", is_network, true};
const TextRule any_text{"", nullptr, true};
const TextRule path{"a path", printable};
const TextRule optional_path{"a path", printable, true};
const TextRule optional_url{"a URL that begins with https:// or http://", is_web_url, true};
const TextRule servers{"HOST:PORT, several separated by commas", are_servers};
const TextRule name{"1 to 128 bytes without control characters", is_short_printable};
const TextRule optional_name{"at most 1024 bytes without control characters", is_long_printable, true};
const TextRule name_in_list{"1 to 1024 bytes without control characters", is_long_printable, true};
const TextRule topic_prefix{"at most 200 of the characters a-z A-Z 0-9 . _ -", is_topic_prefix, true};
const TextRule mongodb_url{"a URL that begins with mongodb:// or mongodb+srv://", is_mongodb_url};
const TextRule database_name{"1 to 63 bytes without blanks or any of /\\.\"$*<>:|?", is_database_name};
const TextRule sender_type{"1 to 128 bytes without control characters", is_short_printable};
const TextRule origin{"scheme://host or scheme://host:port, scheme http or https; or * for any", is_origin, true};
const TextRule conversation_id{"1 to 128 bytes without control characters", is_short_printable, true};

}  // namespace rules

}  // namespace message_service::config
