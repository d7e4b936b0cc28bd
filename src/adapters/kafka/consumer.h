// Consumers of librdkafka: how one is made, is given its partitions, and ends. Private to the adapter; any thread, one
// at a time for each consumer.
#pragma once

#include <string>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "base/owned.h"
#include "base/result.h"

namespace message_service::kafka {

// Ends a consumer, which leaves no group by it. librdkafka 2.0.2 waits for ever when a topic that the consumer read was
// deleted: that client stays until the process ends, with a line in the log.
void end_consumer(rd_kafka_t* consumer);

// A consumer must not be given to rd_kafka_destroy(): librdkafka 2.0.2 ends the process by an assertion when partitions
// are assigned again, or the client ends, before the previous partitions have stopped (librdkafka issue 5573).
using Consumer = base::Owned<rd_kafka_t, end_consumer>;

// `invalid` when no client can be made of the configuration.
base::Result<Consumer> make_consumer(Conf conf);

// A consumer that assigns its partitions itself and commits nothing; `purpose` makes its group's name differ from the
// persisters'.
base::Result<Consumer> make_lone_reader(const Options& options, const std::string& purpose, const Properties& defaults,
                                        Properties fixed);

// Calls rd_kafka_assign(). The next call, or the end of the consumer, may follow at once.
rd_kafka_resp_err_t assign(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* partitions);

// Waits until the client is connected and knows the topic. Without this its first second may be idle.
base::Result<void> warm_up(rd_kafka_t* client, const std::string& topic, Milliseconds timeout);

}  // namespace message_service::kafka
