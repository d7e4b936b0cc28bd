#include "service/node_card.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "base/clock.h"
#include "model/ids.h"
#include "observe/build_info.h"

namespace message_service::service {

std::string roles_text(const Roles& roles) {
  std::string text;
  for (const auto& [has, name] : {std::pair(roles.api, "api"), {roles.persister, "persister"}, {roles.hub, "hub"}}) {
    if (has) text.append(text.empty() ? "" : ",").append(name);
  }
  return text;
}

NodeCard node_card(const config::Settings& settings, const Roles& roles) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return {.id = make_uuid_v7(base::wall_now()),
          .name = std::string(host.data()) + ", process " + std::to_string(getpid()),
          .program = std::string(version()),
          .roles = roles_text(roles),
          .reads = settings.reads_records(),
          .waits = {}};
}

}  // namespace message_service::service
