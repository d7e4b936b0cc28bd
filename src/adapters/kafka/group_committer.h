// A client that reads and writes a group's positions without joining it. librdkafka's admin calls do not survive a
// group whose coordinator is not there yet. Private to the adapter; one thread; each call waits for its timeout at
// most.
#pragma once

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

class GroupCommitter {
 public:
  static base::Result<GroupCommitter> make(const Options& options);

  // Fills in the group's positions, below 0 where it has none, and their metadata.
  base::Result<void> read(rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout);

  // `conflict` when the group has members.
  base::Result<void> commit(const rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout);

 private:
  explicit GroupCommitter(Consumer client) : client_(std::move(client)) {}
  Consumer client_;
};

}  // namespace message_service::kafka
