// Facts that a server reports about itself. Private to the adapter: exposes the driver.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

struct ServerFacts {
  std::string version;
  std::string replica_set;  // empty: a standalone server, or a router
  bool router = false;      // mongos
  int wire_version = 0;
  int members = 0;
  bool follows_primary = false;  // the driver knows that it is a replica set, and looks for the primary itself
  std::int64_t clock_skew_ms = 0;
};

// Asks the primary; `unavailable` when there is none.
base::Result<ServerFacts> ask_primary(const Pool::Client& client, const Pool& pool);

// The complaint about a connection string that does not follow the primary of a larger set.
std::string names_one_member(const ServerFacts& facts);

// `invalid` when the server cannot keep the store's promises.
base::Result<void> check(const ServerFacts& facts);

}  // namespace message_service::mongodb
