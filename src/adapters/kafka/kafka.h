// Kafka as the log and as the carrier of events: the ports of the pipeline that are not a store.
//
// A message is durable when every in-sync replica has it. Readers share the partitions of a group; each event source
// sees everything. The service makes and destroys this object. Destroy it after the objects that it has made.
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
#include "ports/stored_places.h"

namespace message_service::kafka {

// The topic of requested messages as it is now: the offset of the next record of each partition.
struct TopicShape {
  std::string log_id;                     // the cluster's id and the topic's name
  std::vector<std::int64_t> end_offsets;  // by partition
};

// Of records that a restored store lacks and that Kafka has no more.
enum class Loss { refused, accepted };

// Names a topic's log for ever and no other.
inline std::string log_id_of(const std::string& cluster_id, const std::string& topic) {
  return cluster_id + "/" + topic;
}

class Kafka {
 public:
  // Connects, makes the missing topics and checks the others. `invalid`: a setting or a topic is wrong, and the text
  // says which; `unavailable`: no broker answers within connect_timeout.
  static base::Result<std::unique_ptr<Kafka>> connect(const Options& options);

  Kafka(const Kafka&) = delete;
  Kafka& operator=(const Kafka&) = delete;
  ~Kafka();

  LogWriter& log_writer();
  EventLog& event_log();

  // Compares what the store has noted of the log with the group's positions. When the store was restored from a backup,
  // sets the group back, so that what it lacks is read again, and begins a new history. Call before a reader is made.
  // `invalid`: Kafka has deleted records that the store may lack; `conflict`: other nodes run on the restored store;
  // `unavailable`: one of the two did not answer.
  base::Result<void> compare_with(StoredPlaces& store, Loss loss = Loss::refused);

  // One for each persister. The first calls of poll() give the reader its partitions. `store` is told now and then how
  // far the log is stored, outlives the reader, and may be null.
  base::Result<std::unique_ptr<LogReader>> make_log_reader(StoredPlaces* store = nullptr);

  // Starts at the present end of the events.
  base::Result<std::unique_ptr<EventSource>> make_event_source();

  // Names a member of the persisters' group that does not say that it reads records of this version; nothing when all
  // members do. Also finds programs that are too old to say anything. Blocks for the brokers.
  base::Result<std::optional<std::string>> older_persister(int version);

  // Blocks for the brokers.
  base::Result<TopicShape> shape();

  // Identifies the partitions that this process's log readers read.
  LogIdentity& log_identity();

  // Deletes the three topics and all their records for good. For benchmarks on topics of their own.
  base::Result<void> delete_topics();

  // False while no broker can be reached; it recovers by itself.
  bool healthy() const;

 private:
  struct Parts;
  explicit Kafka(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::kafka
