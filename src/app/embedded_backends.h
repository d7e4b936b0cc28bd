// The embedded default: log and store in one data folder.
#pragma once

#include "app/backends.h"

namespace message_service::app {

Result<std::unique_ptr<Backends>> open_embedded_backends(const config::Settings& settings);

}  // namespace message_service::app
