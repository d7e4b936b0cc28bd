// What a running service takes over from a changed configuration.
#pragma once

#include <string_view>

namespace message_service::service {

// Whether Service::reload() takes this setting. Every other one needs a restart.
bool takes_while_running(std::string_view key);

}  // namespace message_service::service
