#include "app/backends.h"

#include "app/embedded_backends.h"

namespace message_service::app {

Result<std::unique_ptr<Backends>> Backends::open(const config::Settings& settings, const Roles& /*roles*/) {
  return open_embedded_backends(settings);
}

}  // namespace message_service::app
