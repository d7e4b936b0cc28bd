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
  bool is_vital = true;                  // without it the node takes no requests: /health/ready answers 503
};

// The node still serves all other data, so it takes work all the same.
inline Dependency stored_data(const std::shared_ptr<Damage>& damage) {
  return {"stored data", [damage] { return damage->standing(); }, false};
}

}  // namespace message_service::service
