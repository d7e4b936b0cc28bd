// What an operator wants to know of the MongoDB behind a connection string, for `doctor`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/mongodb/mongodb.h"
#include "base/result.h"

namespace message_service::mongodb {

struct Inspection {
  std::string version;
  std::string replica_set;  // empty: a router, or a server that will not do
  int members = 0;
  bool sequence_index = false;             // the one that history is read by; made at the first start
  std::chrono::milliseconds clock_skew{};  // theirs ahead of ours

  int format = 0;               // of the documents; 0: none was written yet
  int records_allowed = 1;      // the highest version that the nodes may write
  std::vector<NodeCard> nodes;  // those that are there

  // What keeps the store from working as it promises, in whole sentences. Empty when all is well.
  std::vector<std::string> problems;
  // What others have added, and what may keep a message out of the store or delete it.
  std::vector<std::string> foreign_rules;
};

// Looks and changes nothing. Blocks; `unavailable` when no primary answers in time, `invalid` for the connection
// string.
base::Result<Inspection> inspect(const Options& options);

}  // namespace message_service::mongodb
