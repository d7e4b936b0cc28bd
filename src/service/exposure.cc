#include "service/exposure.h"

#include "access/access.h"
#include "base/ascii.h"

namespace message_service::service {

namespace {

bool is_loopback(const std::string& host) {
  return base::equals_ignoring_case(host, "localhost") || host == "::1" || host.starts_with("127.");
}

}  // namespace

base::Result<void> check_exposure(const config::Settings& settings) {
  const bool signs_in = settings.access.mode == access::Mode::jwt;
  const bool signs_anybody_in = signs_in && !settings.access.bearer.development_key_file.empty();
  if (signs_in ? !signs_anybody_in : settings.access.allow_anonymous) return {};
  for (const http::ListenAddress& address : settings.server.addresses) {
    if (is_loopback(address.host) || address.door == access::kManagementDoor) continue;
    if (signs_anybody_in) {
      return base::Error{base::ErrorCode::invalid,
                         "Auth:DevelopmentKeyFile: it signs in whoever asks, and others reach " + address.host +
                             ": listen on 127.0.0.1, or take an identity provider"};
    }
    return base::Error{base::ErrorCode::invalid,
                       "Urls: others reach " + address.host +
                           ", and nobody has to sign in: set Auth:Mode=Jwt, listen on 127.0.0.1, or allow it by "
                           "Auth:AllowAnonymous=true"};
  }
  return {};
}

}  // namespace message_service::service
