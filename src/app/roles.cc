#include "app/roles.h"

#include <string>

namespace message_service::app {

Result<Roles> parse_roles(std::string_view text) {
  Roles roles{.api = false, .persister = false, .hub = false};
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view role = text.substr(0, comma);
    if (role == "api") {
      roles.api = true;
    } else if (role == "persister") {
      roles.persister = true;
    } else if (role == "hub") {
      roles.hub = true;
    } else {
      return Error{ErrorCode::invalid,
                   "--roles: '" + std::string(role) + "' is no role; give a list of api, persister, hub"};
    }
    if (comma == std::string_view::npos) return roles;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace message_service::app
