#include "service/roles.h"

#include <array>
#include <string>

namespace message_service::service {

base::Result<Roles> parse_roles(std::string_view text) {
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
      return base::Error{base::ErrorCode::invalid,
                         "--roles: '" + std::string(role) + "' is no role; give a list of api, persister, hub"};
    }
    if (comma == std::string_view::npos) return roles;
    text.remove_prefix(comma + 1);
  }
}

base::Result<void> check_roles(const Roles& roles, const config::Providers& providers) {
  struct Rule {
    bool broken;
    const char* text;
  };
  const bool own_log = providers.event_log == config::EventLog::embedded;
  const bool own_store = providers.message_store == config::MessageStore::embedded;
  const std::array<Rule, 4> rules{{
      {own_log && !roles.persister,
       "the role persister is missing: with Providers:EventLog=Embedded no other node can store what this one accepts"},
      {own_log && !roles.hub,
       "the role hub is missing: with Providers:EventLog=Embedded no other node can read the sent events, which would "
       "never be let go"},
      {own_store && !own_log && !roles.persister,
       "the role persister is missing: with Providers:MessageStore=Embedded no other node can fill the store of this "
       "one"},
      {own_store && !roles.api && !roles.hub,
       "a role that reads is missing (api or hub): with Providers:MessageStore=Embedded no other node can show what "
       "this "
       "one stores"},
  }};
  std::string text;
  for (const Rule& rule : rules) {
    if (rule.broken) text.append(text.empty() ? "--roles: " : "; ").append(rule.text);
  }
  if (text.empty()) return {};
  return base::Error{base::ErrorCode::invalid,
                     text + ". Give this node all three roles, or take Kafka and MongoDB for several nodes"};
}

}  // namespace message_service::service
