// How long a document waits for an unknown error to pass. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "model/ids.h"

namespace message_service::mongodb {

class Patience {
 public:
  explicit Patience(std::chrono::milliseconds most) : most_(most) {}

  // To be called each time that the document meets an unknown error. True when it has waited long enough; then its wait
  // is forgotten.
  bool ends(const ObjectIdBytes& id) {
    const std::scoped_lock lock(mutex_);
    const base::SteadyTime now = base::SteadyClock::now();
    // Nothing reports the documents that were stored after all.
    std::erase_if(since_, [&](const auto& entry) { return now - entry.second > 10 * most_; });
    if (now - since_.emplace(id, now).first->second < most_) return false;
    since_.erase(id);
    return true;
  }

 private:
  const std::chrono::milliseconds most_;
  std::mutex mutex_;
  std::map<ObjectIdBytes, base::SteadyTime> since_;  // one for each lane that stores, and a few old ones
};

}  // namespace message_service::mongodb
