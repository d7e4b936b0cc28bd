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

// By which a persister shows the other nodes of the service what it reads, as any member of a group shows its
// client.id.
std::string persister_client_id(const Options& options);

// What such a client.id says; that of a program from before it was written says 1.
int records_read_by(std::string_view client_id);

// `unavailable` when the client cannot be made of it.
base::Result<Client> make_client(rd_kafka_type_t type, Conf conf);

// A consumer that assigns its partitions itself and commits nothing; `purpose` tells its group from the persisters'.
base::Result<Client> make_lone_reader(const Options& options, const std::string& purpose, const Properties& defaults,
                                      Properties fixed);

// rd_kafka_assign(), after which the next one, or end_consumer(), may come at once. librdkafka 2.0.2 ends the process
// by an assertion where partitions are assigned again, or the client ends, before those of the time before have
// stopped.
rd_kafka_resp_err_t assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* partitions);

// Ends a consumer that belongs to no group, or has left it. librdkafka 2.0.2 waits for ever where a topic that it read
// was deleted: such a client is left to the end of the process, with a line in the log.
void end_consumer(Client client);

// Waits until the client is connected and knows the topic, without which its first second may be idle.
base::Result<void> warm_up(rd_kafka_t* client, const std::string& topic, Milliseconds timeout);

// What the user set that would break a promise, or that librdkafka does not know.
base::Result<void> check_client_properties(const Options& options);

}  // namespace message_service::kafka
