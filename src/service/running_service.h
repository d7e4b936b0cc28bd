// The service that runs on a data folder, for commands on its machine, which ask it what they may not do beside it.
// Blocks.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/settings.h"
#include "http/client/client.h"
#include "service/own_url.h"

namespace message_service::service {

struct RunningService {
  std::unique_ptr<http::Client> client;  // signed in by the folder's own token; null: none was reached
  std::string why{};                     // there is none
};

// Asks at the service's url, or at own_url() when that is empty. `not_found`: the folder holds no data.
base::Result<RunningService> find_running_service(const config::Settings& settings, const NamedService& service,
                                                  std::chrono::milliseconds timeout,
                                                  const http::ClientOptions& options);

// When the folder could not be opened after none had been reached: how to name the service.
base::Error silent_service(const config::Settings& settings, const std::string& why);

// What the service's answer says when it is not the one that is wished.
base::Error refused_by_service(const http::Answer& answer);

}  // namespace message_service::service
