// Questions and orders to the cluster: topics, their ends and settings, brokers, a group's committed offsets.
//
// Private to the adapter. Uses a client of its own, so that no answer waits for a consumer's long poll. Any thread;
// every call blocks, for about twice its timeout at most; `unavailable` when no broker answers in time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/position.h"

namespace message_service::kafka {

struct OffsetRange {
  std::int64_t begin = 0;  // the oldest record still there
  std::int64_t end = 0;    // after the newest record
};

struct NewTopic {
  std::string name;
  std::map<std::string, std::string> configs;
};

struct BrokerAddress {
  std::int32_t id = 0;
  std::string host;
  int port = 0;
};

// Each is the lowest number of any partition.
struct Replication {
  int replicas = 0;
  int in_sync = 0;
};

struct GroupMember {
  std::string client_id;
  std::string host;
};

class Cluster {
 public:
  static base::Result<std::unique_ptr<Cluster>> connect(const Options& options);

  // The number of partitions; none when there is no such topic.
  base::Result<std::optional<std::int32_t>> partitions(const std::string& topic, Milliseconds timeout);

  // `not_found` when there is no such topic.
  base::Result<Replication> replication(const std::string& topic, Milliseconds timeout);

  // The cluster's own id, the same for as long as it exists.
  base::Result<std::string> id(Milliseconds timeout);

  base::Result<std::vector<BrokerAddress>> brokers(Milliseconds timeout);

  base::Result<OffsetRange> offsets(const std::string& topic, std::int32_t partition, Milliseconds timeout);

  // By partition, for every partition of the topic. `not_found` when there is no such topic.
  base::Result<std::vector<OffsetRange>> offsets(const std::string& topic, Milliseconds timeout);

  // By partition; none where the group has committed nothing.
  base::Result<std::vector<std::optional<std::int64_t>>> committed(const std::string& group, const std::string& topic,
                                                                   std::int32_t partitions, Milliseconds timeout);

  // The present members of the group; none when there is no such group.
  base::Result<std::vector<GroupMember>> members(const std::string& group, Milliseconds timeout);

  // A topic that somebody else makes at the same time counts as made.
  base::Result<void> create_topics(const std::vector<NewTopic>& topics, Milliseconds timeout);

  // A missing topic counts as deleted.
  base::Result<void> delete_topics(const std::vector<std::string>& names, Milliseconds timeout);

  base::Result<std::map<std::string, std::string>> topic_configs(const std::string& topic, Milliseconds timeout);

  // Changes one setting of the topic and leaves the others as they are. `invalid` when this user has no right to.
  base::Result<void> set_topic_config(const std::string& topic, const std::string& name, const std::string& value,
                                      Milliseconds timeout);

 private:
  explicit Cluster(const Options& options, Client client) : options_(options), client_(std::move(client)) {}

  using Order = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  using EachConfig = std::function<void(const rd_kafka_ConfigEntry_t&)>;
  base::Result<std::vector<OffsetRange>> ends_of(const std::string& topic, const std::vector<std::int32_t>& partitions,
                                                 Milliseconds timeout);
  base::Result<void> describe_topic(const std::string& topic, Milliseconds timeout, const EachConfig& each);
  base::Result<EventPtr> administer(rd_kafka_admin_op_t kind, Milliseconds timeout, const Order& order);

  const Options options_;
  Client client_;
};

}  // namespace message_service::kafka
