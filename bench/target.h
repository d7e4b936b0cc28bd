// The server that receives a load.
#pragma once

#include <chrono>
#include <string_view>

#include "http/client/url.h"

namespace message_service::bench {

// For each request that is not load: making conversations, reading /metrics.
inline constexpr std::chrono::milliseconds control_timeout{5000};

// Looks the host up. A load is an attack on a host that is not one's own: every address must be loopback, unless
// `owned_host` names this very host. Errors begin with "--url: ".
base::Result<http::ServerAddress> resolve_target(std::string_view url, std::string_view owned_host);

}  // namespace message_service::bench
