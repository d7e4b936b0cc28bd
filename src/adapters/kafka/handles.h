// Owners of librdkafka's objects. Private to the adapter.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>

#include "base/owned.h"

namespace message_service::kafka {

using Conf = base::Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using Client = base::Owned<rd_kafka_t, rd_kafka_destroy>;
using Topic = base::Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using Queue = base::Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using EventPtr = base::Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using MessagePtr = base::Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Headers = base::Owned<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using PartitionList = base::Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using ErrorPtr = base::Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using AdminOptions = base::Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

// The timeout as the library's functions take it.
inline int count_of(std::chrono::milliseconds timeout) { return static_cast<int>(timeout.count()); }

inline PartitionList make_partition_list(std::size_t expected) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(expected)));
}

}  // namespace message_service::kafka
