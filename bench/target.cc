#include "bench/target.h"

#include <algorithm>
#include <string>

namespace message_service::bench {

base::Result<http::ServerAddress> resolve_target(std::string_view url, std::string_view owned_host) {
  const auto parts = http::parse_url(url);
  auto target = parts ? http::resolve(*parts) : base::Result<http::ServerAddress>(parts.error());
  if (!target) return base::Error{target.error().code, "--url: " + target.error().text};
  const bool loopback =
      std::ranges::all_of(target->endpoints, [](const auto& endpoint) { return endpoint.address().is_loopback(); });
  if (!loopback && owned_host != parts->host) {
    return base::Error{base::ErrorCode::invalid,
                       "--url: " + parts->host +
                           " is not this machine; a load may be sent to another host only when it is "
                           "yours: say --i-own-this-host " +
                           parts->host};
  }
  return target;
}

}  // namespace message_service::bench
