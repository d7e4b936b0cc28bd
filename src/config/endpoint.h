// The texts that name addresses: where to listen, and whom to believe. Pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "http/server/listening.h"

namespace message_service::config {

// One of `Urls` taken apart. A URL without a port means 80, or 443 with https.
std::optional<http::ListenAddress> parse_endpoint(std::string_view url);
// `Urls`: one or several, separated by ';'.
std::optional<std::vector<http::ListenAddress>> parse_endpoints(std::string_view urls);

bool is_ip_address(std::string_view text);
bool is_network(std::string_view text);  // "10.0.0.0/8"

}  // namespace message_service::config
