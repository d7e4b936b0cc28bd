#include "service/reload.h"

namespace message_service::service {

bool takes_while_running(std::string_view key) {
  if (key.starts_with("RateLimits:")) return key != "RateLimits:Keys";
  return key == "Logging:Level" || key == "Shutdown:DelayMs" || key == "Shutdown:TimeoutMs";
}

}  // namespace message_service::service
