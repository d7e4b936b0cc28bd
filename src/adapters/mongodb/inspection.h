// Facts for an operator about the MongoDB that a connection string names, for `doctor`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/mongodb/mongodb.h"
#include "base/result.h"

namespace message_service::mongodb {

struct Inspection {
  std::string version;
  std::string replica_set;  // empty: a router, or an unsuitable server
  int members = 0;
  bool sequence_index = false;             // the index by which history is read; made at the first start
  std::chrono::milliseconds clock_skew{};  // how far the servers' clock is ahead of ours

  int format = 0;               // of the documents; 0: none was written yet
  int records_allowed = 1;      // the highest version that the nodes may write
  std::vector<NodeCard> nodes;  // the nodes that are there

  // The faults that keep the store from working as it promises, in whole sentences. Empty when all is well.
  std::vector<std::string> problems;
  // Rules that others have added and that may keep a message out of the store or delete it.
  std::vector<std::string> foreign_rules;
};

// Only looks and changes nothing. Blocks; `unavailable` when no primary answers in time, `invalid` for a wrong
// connection string.
base::Result<Inspection> inspect(const Options& options);

}  // namespace message_service::mongodb
