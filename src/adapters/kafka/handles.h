// librdkafka's objects with an owner. Private to the adapter.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>

#include "base/owned.h"

namespace message_service::kafka {

using Conf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using Client = Owned<rd_kafka_t, rd_kafka_destroy>;
using Topic = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using EventPtr = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using MessagePtr = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Headers = Owned<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using ErrorPtr = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

// As the library's functions take it.
inline int count_of(std::chrono::milliseconds timeout) { return static_cast<int>(timeout.count()); }

inline PartitionList make_partition_list(std::size_t expected) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(expected)));
}

}  // namespace message_service::kafka
