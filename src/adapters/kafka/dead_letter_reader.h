// DeadLetterReader on the topic of dead letters: each call reads it from its beginning to where it ends then, and in
// the log the records that it refers to. Private to the adapter.
#pragma once

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/options.h"
#include "ports/dead_letter_reader.h"

namespace message_service::kafka {

class KafkaDeadLetterReader final : public DeadLetterReader {
 public:
  // The cluster outlives the reader.
  KafkaDeadLetterReader(const Options& options, Cluster& cluster) : options_(options), cluster_(cluster) {}

  base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override;

 private:
  base::Result<Found> found_of(Position origin, LogRecord record);

  const Options options_;
  Cluster& cluster_;
};

}  // namespace message_service::kafka
