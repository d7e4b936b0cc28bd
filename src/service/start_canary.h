// The canary, where the settings ask for one and the node has what it times: null elsewhere.
#pragma once

#include <memory>

#include "canary/canary.h"
#include "config/settings.h"
#include "logging/logging.h"
#include "service/roles.h"

namespace message_service::service {

inline std::unique_ptr<Canary> start_canary(const config::Settings& settings, const Roles& roles,
                                            const Canary::Parts& parts) {
  const auto every_ms = settings.canary.interval.count();
  if (every_ms == 0) return nullptr;
  if (!roles.api || !roles.hub) {
    logging::info("The canary does not run here: it needs the roles api and hub");
    return nullptr;
  }
  logging::info("The canary runs", {{"everyMs", every_ms}});
  return std::make_unique<Canary>(parts, settings.canary);
}

}  // namespace message_service::service
