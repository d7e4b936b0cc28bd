// Kafka as the log and the way of events: the ports of the pipeline that are not a store.
//
// A message is durable when every in-sync replica has it. Readers share the partitions of a group; event sources see
// everything. Made and destroyed by the service; what it makes must end before it does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/options.h"
#include "base/result.h"
#include "ports/event_log.h"
#include "ports/event_source.h"
#include "ports/log_identity.h"
#include "ports/log_reader.h"
#include "ports/log_writer.h"

namespace message_service::kafka {

// The topic of requested messages as it is now: where the next record of each partition will lie.
struct TopicShape {
  std::string log_id;                     // the cluster's id and the topic's name
  std::vector<std::int64_t> end_offsets;  // by partition
};

class Kafka {
 public:
  // Connects, makes the topics that are missing and checks those that are there. `invalid`: a setting or a topic is
  // wrong, and the text says which; `unavailable`: no broker answers within connect_timeout.
  static base::Result<std::unique_ptr<Kafka>> connect(const Options& options);

  Kafka(const Kafka&) = delete;
  Kafka& operator=(const Kafka&) = delete;
  ~Kafka();

  LogWriter& log_writer();
  EventLog& event_log();

  // One for each persister. Its partitions come with the first calls of poll().
  base::Result<std::unique_ptr<LogReader>> make_log_reader();

  // Starts at the end of the events as they are now.
  base::Result<std::unique_ptr<EventSource>> make_event_source();

  // Who in the persisters' group does not say that it reads records of this version; nothing when all do. Also sees
  // programs that are too old to say anything. Blocks for the brokers.
  base::Result<std::optional<std::string>> older_persister(int version);

  // Blocks for the brokers.
  base::Result<TopicShape> shape();

  // Of the partitions that this process's log readers read.
  LogIdentity& log_identity();

  // The three topics and all they hold go for good. For benchmarks on topics of their own.
  base::Result<void> delete_topics();

  // False while no broker can be reached; it recovers by itself.
  bool healthy() const;

 private:
  struct Parts;
  explicit Kafka(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::kafka
