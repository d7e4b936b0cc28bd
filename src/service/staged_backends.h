// Log and store that are not one database: Kafka with MongoDB, or either with the other's embedded counterpart.
#pragma once

#include "service/backends.h"

namespace message_service::service {

base::Result<std::unique_ptr<Backends>> open_staged_backends(const config::Settings& settings, const Roles& roles,
                                                             const Metrics& metrics);

}  // namespace message_service::service
