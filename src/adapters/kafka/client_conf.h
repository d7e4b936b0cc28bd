// Configurations of librdkafka clients: the user's properties, and ours on top where a promise depends on them.
// Private to the adapter; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "base/result.h"

namespace message_service::kafka {

using Property = std::pair<std::string, std::string>;
using Properties = std::vector<Property>;

// `defaults` yield to the user's properties, `fixed` do not. `invalid` names the key that is wrong.
base::Result<Conf> make_conf(const Options& options, const Properties& defaults, const Properties& fixed);

// A client.id that shows the other nodes of the service which records a persister reads: every member of a group shows
// its client.id.
std::string persister_client_id(const Options& options);

// The version in such a client.id; 1 for a program that is too old to write one.
int records_read_by(std::string_view client_id);

// `invalid` when no client can be made of the configuration.
base::Result<Client> make_client(rd_kafka_type_t type, Conf conf);

// A consumer that assigns its partitions itself and commits nothing; `purpose` makes its group's name differ from the
// persisters'.
base::Result<Client> make_lone_reader(const Options& options, const std::string& purpose, const Properties& defaults,
                                      Properties fixed);

// Calls rd_kafka_assign(). The next call of this function, or of end_consumer(), may follow at once. librdkafka 2.0.2
// ends the process by an assertion when partitions are assigned again, or the client ends, before the previous
// partitions have stopped.
rd_kafka_resp_err_t assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* partitions);

// Ends a consumer that belongs to no group, or has left its group. librdkafka 2.0.2 waits for ever when a topic that
// the consumer read was deleted: that client stays until the process ends, with a line in the log.
void end_consumer(Client client);

// Waits until the client is connected and knows the topic. Without this its first second may be idle.
base::Result<void> warm_up(rd_kafka_t* client, const std::string& topic, Milliseconds timeout);

// `invalid` for a user's property that would break a promise, or that librdkafka does not know.
base::Result<void> check_client_properties(const Options& options);

}  // namespace message_service::kafka
