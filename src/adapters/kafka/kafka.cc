#include "adapters/kafka/kafka.h"

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/cluster.h"
#include "adapters/kafka/event_log.h"
#include "adapters/kafka/event_source.h"
#include "adapters/kafka/first_start.h"
#include "adapters/kafka/log_reader.h"
#include "adapters/kafka/log_writer.h"
#include "adapters/kafka/restored_store.h"
#include "adapters/kafka/topic_names.h"
#include "adapters/kafka/topics.h"
#include "adapters/kafka/turns.h"

namespace message_service::kafka {

struct Kafka::Parts {
  Options options;
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Witnesses> witnesses;
  std::unique_ptr<Turns> turns;
  std::unique_ptr<KafkaEventLog> event_log;
  std::unique_ptr<KafkaLogWriter> log_writer;
};

base::Result<std::unique_ptr<Kafka>> Kafka::connect(const Options& options) {
  if (auto good = check_client_properties(options); !good) return good.error();
  auto cluster = Cluster::connect(options);
  if (!cluster) return cluster.error();
  if (auto ready = ensure_topics(**cluster, options); !ready) return ready.error();
  if (auto settled = settle_first_start(**cluster, options); !settled) return settled.error();
  auto witnesses = Witnesses::make(options, **cluster);
  if (!witnesses) return witnesses.error();
  auto turns = std::make_unique<Turns>(**witnesses, TopicNames(options).requested, options.connect_timeout);
  auto event_log = KafkaEventLog::make(options, **cluster);
  if (!event_log) return event_log.error();
  auto log_writer = KafkaLogWriter::make(options, **event_log);
  if (!log_writer) return log_writer.error();
  return std::unique_ptr<Kafka>(
      new Kafka(std::make_unique<Parts>(Parts{options, std::move(*cluster), std::move(*witnesses), std::move(turns),
                                              std::move(*event_log), std::move(*log_writer)})));
}

Kafka::Kafka(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Kafka::~Kafka() = default;

LogWriter& Kafka::log_writer() { return *parts_->log_writer; }
EventLog& Kafka::event_log() { return *parts_->event_log; }
LogIdentity& Kafka::log_identity() { return *parts_->turns; }
bool Kafka::healthy() const { return parts_->log_writer->reachable(); }

base::Result<void> Kafka::compare_with(StoredPlaces& store, Loss loss) {
  return compare_with_store(*parts_->cluster, parts_->options, store, loss);
}

base::Result<std::unique_ptr<LogReader>> Kafka::make_log_reader(StoredPlaces* store) {
  auto reader = KafkaLogReader::make(parts_->options, {*parts_->cluster, *parts_->witnesses, *parts_->turns, store});
  if (!reader) return reader.error();
  return std::unique_ptr<LogReader>(std::move(*reader));
}

base::Result<std::unique_ptr<EventSource>> Kafka::make_event_source() {
  auto source = KafkaEventSource::make(parts_->options, *parts_->cluster, *parts_->witnesses);
  if (!source) return source.error();
  return std::unique_ptr<EventSource>(std::move(*source));
}

base::Result<void> Kafka::delete_topics() {
  const TopicNames names(parts_->options);
  return parts_->cluster->delete_topics({names.requested, names.sent, names.dead}, parts_->options.connect_timeout);
}

base::Result<std::optional<std::string>> Kafka::older_persister(int version) {
  const auto members = parts_->cluster->members(parts_->options.group_id, parts_->options.connect_timeout);
  if (!members) return members.error();
  for (const GroupMember& member : *members) {
    if (records_read_by(member.client_id) >= version) continue;
    return std::optional("a persister at " + member.host + " (client.id " + member.client_id +
                         ") does not say that it reads them");
  }
  return std::optional<std::string>();
}

base::Result<TopicShape> Kafka::shape() {
  const std::string topic = TopicNames(parts_->options).requested;
  const auto id = parts_->cluster->id(parts_->options.connect_timeout);
  if (!id) return id.error();
  const auto ranges = parts_->cluster->offsets(topic, parts_->options.connect_timeout);
  if (!ranges) return ranges.error();
  TopicShape shape{.log_id = log_id_of(*id, topic)};
  for (const OffsetRange& range : *ranges) shape.end_offsets.push_back(range.end);
  return shape;
}

}  // namespace message_service::kafka
