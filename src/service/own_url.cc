#include "service/own_url.h"

#include <algorithm>
#include <utility>

#include "access/access.h"
#include "tls/certificates.h"

namespace message_service::service {

std::string own_url(const config::Settings& settings) {
  const auto rank = [](const http::ListenAddress& address) {
    return std::pair(address.https, address.door != access::kManagementDoor);
  };
  const auto& [host, port, https, door] = *std::ranges::min_element(settings.server.addresses, {}, rank);
  const bool every = host == "*" || host == "+" || host == "0.0.0.0" || host == "::";
  const bool is_v6 = host.find(':') != std::string::npos;
  return (https ? "https://" : "http://") +
         (every   ? "127.0.0.1"
          : is_v6 ? "[" + host + "]"
                  : host) +
         ":" + std::to_string(port);
}

// Of "*.example.com" any name below it will do.
std::string own_host(const config::Settings& settings) {
  const std::string& allowed = settings.web.allowed_hosts;
  const std::string first = allowed.substr(0, allowed.find(';'));
  if (settings.server.session.allowed_hosts.allows("127.0.0.1") || first.empty()) return {};
  return first.starts_with("*.") ? "health" + first.substr(1) : first;
}

http::ClientOptions with_trust(http::ClientOptions options, const config::Settings& settings,
                               const NamedService& service) {
  options.ca_file = service.ca_file;
  if (settings.server.certificate.path.empty()) return options;
  if (auto own = tls::read_certificate(settings.server.certificate)) options.certificate = std::move(*own);
  return options;
}

}  // namespace message_service::service
