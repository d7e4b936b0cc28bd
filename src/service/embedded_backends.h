// The embedded default: log and store in one data folder.
#pragma once

#include "service/backends.h"

namespace message_service::service {

base::Result<std::unique_ptr<Backends>> open_embedded_backends(const config::Settings& settings,
                                                               const Metrics& metrics);

}  // namespace message_service::service
