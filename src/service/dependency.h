// The parts that readiness asks about: a log, a store.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "observe/damage.h"

namespace message_service::service {

// One thing that the service needs to do its work.
struct Dependency {
  std::string name;
  std::function<std::string()> problem;  // empty while all is well; called on any shard
  bool is_vital = true;                  // without it the node takes no work
};

// Such a node takes no requests: /health/ready answers 503.
inline bool keeps_from_work(const Dependency& dependency) {
  return dependency.is_vital && !dependency.problem().empty();
}

// The node still serves all other data, so it takes work all the same.
inline Dependency stored_data(const std::shared_ptr<Damage>& damage) {
  return {"stored data", [damage] { return damage->standing(); }, false};
}

}  // namespace message_service::service
