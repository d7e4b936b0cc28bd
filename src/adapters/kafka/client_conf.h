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

// `invalid` for a user's property that would break a promise, or that librdkafka does not know.
base::Result<void> check_client_properties(const Options& options);

}  // namespace message_service::kafka
