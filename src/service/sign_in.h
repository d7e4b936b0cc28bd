// Sign-in as a part of the service: the keys, the verified tokens, and the policy in front of every route.
//
// The service makes it before it adds routes, stops it when no requests are left, and destroys it after the server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "access/authenticator.h"
#include "access/key_store.h"
#include "access/options.h"
#include "access/policy.h"
#include "base/result.h"
#include "http/routing/router.h"
#include "service/dependency.h"
#include "signalr/hub/endpoint.h"

namespace message_service::service {

class SignIn {
 public:
  // `admin_token`: see Policy. `limits` and `revocations` outlive it. `invalid`: a key of the configuration cannot be
  // read.
  static base::Result<std::unique_ptr<SignIn>> start(const access::Options& options, std::string admin_token,
                                                     access::RateLimits& limits,
                                                     const access::Revocations& revocations);

  // Puts the policy in front of all routes, and adds the development's own where there is a development key.
  void install(http::Router& router);

  // What readiness asks. Nothing: nobody has to sign in.
  std::optional<Dependency> dependency() const;

  // Keys of files and providers are read again.
  void reload();

  void stop();

 private:
  SignIn(const access::Options& options, std::string admin_token, access::RateLimits& limits,
         const access::Revocations& revocations);

  const access::Options options_;
  std::unique_ptr<access::KeyStore> keys_;                // null: nobody has to sign in
  std::unique_ptr<access::Authenticator> authenticator_;  // the same
  access::Policy policy_;
};

// The hub's clients are who the policy says, until their tokens end or are refreshed.
void require_sign_in(signalr::TransportEndpointOptions& options);

}  // namespace message_service::service
