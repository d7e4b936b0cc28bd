// Answers operators' questions about Kafka: how far the group has come, which brokers and topics there are. Changes
// nothing.
//
// Any thread; every call blocks for the brokers, at most for Options::connect_timeout each.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/options.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::kafka {

// One partition of the topic of requested messages. Offsets are those of the next record.
struct GroupLag {
  std::int32_t partition = 0;
  std::int64_t begin = 0;                 // the oldest record still there
  std::int64_t end = 0;                   // after the newest record
  std::optional<std::int64_t> committed;  // none: the group has committed nothing
  std::uint64_t lag = 0;
};

struct BrokerReport {
  std::int32_t id = 0;
  std::string address;
};

struct TopicReport {
  std::string name;
  std::int32_t partitions = 0;                 // 0: there is no such topic
  int replicas = 0;                            // of the partition that has the fewest
  int in_sync = 0;                             // likewise: the replicas that have every confirmed record
  std::map<std::string, std::string> configs;  // Kafka's names, such as cleanup.policy and min.insync.replicas
};

struct ClusterReport {
  std::string client_version;  // of librdkafka
  std::vector<BrokerReport> brokers;
  std::vector<TopicReport> topics;  // the service's three
};

class Inspector {
 public:
  // Errors as Kafka::connect(); does not make missing topics.
  static base::Result<std::unique_ptr<Inspector>> open(const Options& options);
  ~Inspector();
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  base::Result<std::vector<GroupLag>> group_lag();
  base::Result<ClusterReport> report();

  // The first record from the position on in the topic of requested messages, without its value; nothing when none
  // arrives in time.
  base::Result<std::optional<LogRecord>> record_at(Position position);

 private:
  struct Parts;
  explicit Inspector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::kafka
