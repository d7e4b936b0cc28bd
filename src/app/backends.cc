#include "app/backends.h"

#include "app/embedded_backends.h"
#include "app/staged_backends.h"

namespace message_service::app {

Result<std::unique_ptr<Backends>> Backends::open(const config::Settings& settings, const Roles& roles,
                                                 const Metrics& metrics) {
  const config::Providers& providers = settings.providers;
  if (providers.event_log == config::EventLog::embedded && providers.message_store == config::MessageStore::embedded) {
    return open_embedded_backends(settings, metrics);
  }
  return open_staged_backends(settings, roles, metrics);
}

}  // namespace message_service::app
