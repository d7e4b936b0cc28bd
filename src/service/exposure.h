// Whether strangers could use the service without a sign-in. Pure.
#pragma once

#include "base/result.h"
#include "config/settings.h"

namespace message_service::service {

// `invalid`: nobody has to sign in, and an address of `Urls` can be reached from other machines. Nobody opens the
// service to a network without noticing it.
base::Result<void> check_exposure(const config::Settings& settings);

}  // namespace message_service::service
