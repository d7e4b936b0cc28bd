#include "bench/target.h"

#include <algorithm>
#include <string>

namespace message_service::bench {

base::Result<http::ServerAddress> resolve_target(std::string_view url, std::string_view owned_host) {
  auto target = http::resolve(url);
  if (!target) return base::Error{target.error().code, "--url: " + target.error().text};
  const bool loopback =
      std::ranges::all_of(target->endpoints, [](const auto& endpoint) { return endpoint.address().is_loopback(); });
  const std::string host = http::parse_url(url)->host;
  if (!loopback && owned_host != host) {
    return base::Error{base::ErrorCode::invalid,
                       "--url: " + host +
                           " is not this machine; a load may be sent to another host only when it is "
                           "yours: say --i-own-this-host " +
                           host};
  }
  return target;
}

}  // namespace message_service::bench
