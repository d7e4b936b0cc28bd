// The partitions that a persister has stopped at a record of a newer version than it reads. They wait for a newer
// program: nothing of them is stored or committed from there on.
//
// Owned by a persister and changed on its thread; all() may be called from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/position.h"

namespace message_service {

struct WaitingPartition {
  Position from;
  int requires_version = 0;
};

// For people: where it stops, and what the record there needs.
std::string to_text(const WaitingPartition& waiting);

class WaitingPartitions {
 public:
  explicit WaitingPartitions(int reads) : reads_(reads) {}

  bool holds(std::int32_t partition) const;
  void add(const WaitingPartition& waiting, base::SteadyTime now);
  void clear();

  // Says it again in the log when it is time: after a minute, then ever more seldom.
  void remind(base::SteadyTime now);

  std::vector<WaitingPartition> all() const;

 private:
  void log_all() const;

  const int reads_;
  mutable std::mutex mutex_;
  std::vector<WaitingPartition> waiting_;
  base::SteadyTime remind_at_{};
  std::chrono::minutes pause_{1};
};

}  // namespace message_service
