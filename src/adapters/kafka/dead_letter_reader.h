// Reads the topic of dead letters for people. Each call reads the topic from its beginning to its end at that time, and
// reads from the log the records that the letters refer to. Private to the adapter.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "ports/event_log.h"

namespace message_service::kafka {

class DeadLetterReader {
 public:
  // The cluster outlives the reader.
  DeadLetterReader(const Options& options, Cluster& cluster) : options_(options), cluster_(cluster) {}

  // As EventLog::find_dead_letters().
  base::Result<std::vector<EventLog::Found>> find(const std::vector<Position>& origins);

 private:
  base::Result<EventLog::Found> found_of(Position origin, LogRecord record);

  const Options options_;
  Cluster& cluster_;
};

}  // namespace message_service::kafka
