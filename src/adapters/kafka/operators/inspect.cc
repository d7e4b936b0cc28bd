#include "adapters/kafka/operators/inspect.h"

#include <algorithm>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/records.h"
#include "adapters/kafka/topic_names.h"

namespace message_service::kafka {

struct Inspector::Parts {
  Options options;
  std::unique_ptr<Cluster> cluster;
};

Inspector::Inspector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Inspector::~Inspector() = default;

base::Result<std::unique_ptr<Inspector>> Inspector::open(const Options& options) {
  if (auto good = check_client_properties(options); !good) return good.error();
  auto cluster = Cluster::connect(options);
  if (!cluster) return cluster.error();
  return std::unique_ptr<Inspector>(new Inspector(std::make_unique<Parts>(Parts{options, std::move(*cluster)})));
}

base::Result<std::vector<GroupLag>> Inspector::group_lag() {
  const Options& options = parts_->options;
  const std::string topic = TopicNames(options).requested;
  // Asks for the committed offsets first: the ends only grow, so no reported lag is too low.
  const auto count = parts_->cluster->partitions(topic, options.connect_timeout);
  if (!count) return count.error();
  if (!*count) return base::Error{base::ErrorCode::not_found, "there is no topic " + topic};
  const auto committed = parts_->cluster->committed(options.group_id, topic, **count, options.connect_timeout);
  if (!committed) return committed.error();
  const auto ranges = parts_->cluster->offsets(topic, options.connect_timeout);
  if (!ranges) return ranges.error();

  std::vector<GroupLag> all;
  for (std::size_t i = 0; i < std::min(committed->size(), ranges->size()); ++i) {
    const OffsetRange& range = (*ranges)[i];
    const std::int64_t from = (*committed)[i].value_or(range.begin);
    all.push_back({.partition = static_cast<std::int32_t>(i),
                   .begin = range.begin,
                   .end = range.end,
                   .committed = (*committed)[i],
                   .lag = static_cast<std::uint64_t>(std::max(range.end - from, std::int64_t{0}))});
  }
  return all;
}

base::Result<std::optional<LogRecord>> Inspector::record_at(Position position) {
  const Options& options = parts_->options;
  const std::string topic = TopicNames(options).requested;
  auto client = make_lone_reader(options, "inspect", {{"fetch.wait.max.ms", "100"}},
                                 {{"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"}});
  if (!client) return client.error();
  const auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), position.partition)->offset = position.offset;
  if (const auto error = assign(client->get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return to_error(error, "read topic " + topic);
  }
  const MessagePtr message(rd_kafka_consumer_poll(client->get(), count_of(options.connect_timeout)));
  std::optional<LogRecord> record;
  if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) record = record_without_value(*message);
  return record;
}

base::Result<ClusterReport> Inspector::report() {
  const Options& options = parts_->options;
  ClusterReport report{.client_version = rd_kafka_version_str(), .brokers = {}, .topics = {}};
  const auto brokers = parts_->cluster->brokers(options.connect_timeout);
  if (!brokers) return brokers.error();
  for (const BrokerAddress& broker : *brokers) {
    report.brokers.push_back({broker.id, broker.host + ":" + std::to_string(broker.port)});
  }
  const TopicNames names(options);
  for (const std::string& name : {names.requested, names.sent, names.dead}) {
    TopicReport topic{.name = name, .partitions = 0, .replicas = 0, .in_sync = 0, .configs = {}};
    const auto count = parts_->cluster->partitions(name, options.connect_timeout);
    if (!count) return count.error();
    if (*count) {
      topic.partitions = **count;
      const auto replication = parts_->cluster->replication(name, options.connect_timeout);
      if (!replication) return replication.error();
      topic.replicas = replication->replicas;
      topic.in_sync = replication->in_sync;
      auto configs = parts_->cluster->topic_configs(name, options.connect_timeout);
      if (!configs) return configs.error();
      topic.configs = std::move(*configs);
    }
    report.topics.push_back(std::move(topic));
  }
  return report;
}

}  // namespace message_service::kafka
