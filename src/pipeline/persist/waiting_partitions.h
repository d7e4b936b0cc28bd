// The partitions in which a persister has stopped at a record of a newer version than it reads. They wait for a newer
// program: the persister stores and commits nothing of them from there on.
//
// Owned by a persister and changed on its thread; any thread may call all().
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

// For people: where the partition stops, and which version the record there needs.
std::string to_text(const WaitingPartition& waiting);

class WaitingPartitions {
 public:
  explicit WaitingPartitions(int reads) : reads_(reads) {}

  bool holds(std::int32_t partition) const;
  void add(const WaitingPartition& waiting, base::SteadyTime now);
  void clear();

  // Logs the partitions again when it is time: after a minute, then at longer and longer intervals.
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
