#include "service/sign_in.h"

#include <utility>

#include "access/fetch.h"
#include "access/identity.h"
#include "service/development_routes.h"

namespace message_service::service {

namespace {

std::unique_ptr<access::KeyStore> make_keys(const access::Options& options) {
  if (options.mode == access::Mode::none) return nullptr;
  return std::make_unique<access::KeyStore>(options.bearer, access::fetch_document);
}

}  // namespace

SignIn::SignIn(const access::Options& options, std::string admin_token, access::RateLimits& limits,
               const access::Revocations& revocations)
    : options_(options),
      keys_(make_keys(options)),
      authenticator_(keys_ ? std::make_unique<access::Authenticator>(options, *keys_) : nullptr),
      policy_(authenticator_.get(), std::move(admin_token), limits, revocations) {}

base::Result<std::unique_ptr<SignIn>> SignIn::start(const access::Options& options, std::string admin_token,
                                                    access::RateLimits& limits,
                                                    const access::Revocations& revocations) {
  std::unique_ptr<SignIn> made(new SignIn(options, std::move(admin_token), limits, revocations));
  if (made->keys_) {
    if (auto started = made->keys_->start(); !started) return started.error();
  }
  return made;
}

void SignIn::install(http::Router& router) {
  router.set_policy([this](http::Exchange& exchange) { return policy_.check(exchange); });
  if (keys_ && keys_->development_key()) add_development_routes(router, *keys_->development_key(), options_);
}

std::optional<Dependency> SignIn::dependency() const {
  if (!keys_) return std::nullopt;
  return Dependency{"sign-in", [this] { return keys_->problem(); }};
}

void SignIn::reload() {
  if (keys_) keys_->reload();
}

void SignIn::stop() {
  if (keys_) keys_->stop();
}

void require_sign_in(signalr::TransportEndpointOptions& options) {
  options.refreshes_tokens = true;
  // The policy has looked at the token already.
  options.admit = [](const http::Exchange& exchange) -> signalr::Admission {
    const access::SharedIdentity identity = access::identity_of(exchange);
    return {.user = signalr::User{.id = identity->subject},
            .times = {.issued_at = identity->issued_at, .expires_at = identity->expires_at}};
  };
}

}  // namespace message_service::service
