#include "service/backends.h"

#include "service/embedded_backends.h"
#include "service/staged_backends.h"

namespace message_service::service {

base::Error no_data_folder() {
  return {base::ErrorCode::refused,
          "log and store are in Kafka and MongoDB, whose own tools back them up: docs/backup.md"};
}

base::Result<std::unique_ptr<Backends>> Backends::open(const config::Settings& settings, const Roles& roles,
                                                       const Metrics& metrics) {
  const config::Providers& providers = settings.providers;
  if (providers.event_log == config::EventLog::embedded && providers.message_store == config::MessageStore::embedded) {
    return open_embedded_backends(settings, metrics);
  }
  return open_staged_backends(settings, roles, metrics);
}

}  // namespace message_service::service
