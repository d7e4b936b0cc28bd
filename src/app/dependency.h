// What readiness asks about: a log, a store.
#pragma once

#include <functional>
#include <string>

namespace message_service::app {

// One thing that the service needs to do its work.
struct Dependency {
  std::string name;
  std::function<std::string()> problem;  // empty while all is well; called on any shard
  bool is_vital = true;                  // without it the node takes no work
};

}  // namespace message_service::app
