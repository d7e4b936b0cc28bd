// POST /development/tokens: signs in whoever asks, for the chat page of a developer's own machine.
#pragma once

#include "access/development_key.h"
#include "access/options.h"
#include "http/routing/router.h"

namespace message_service::service {

// Answers {"sub","senderType"} with {"token","expiresIn"}. Only requests that name the loopback as their host are
// answered, so that a page whose name was made to point to this machine gets nothing.
void add_development_routes(http::Router& router, access::DevelopmentKey key, const access::Options& options);

}  // namespace message_service::service
