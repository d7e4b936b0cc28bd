// Where the nodes of a service say which records they read, and agree on which may be written.
//
// Owned by the service; any thread; blocks for the store. What was allowed once stays allowed: such records may be in
// the log for good.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/record_version.h"

namespace message_service {

inline constexpr std::chrono::seconds kSignOfLifeEvery{2};
inline constexpr std::chrono::seconds kNodeGoneAfter{10};

// What a node says of itself with every sign of life.
struct NodeCard {
  std::string id;       // of this run of the program, and of no other
  std::string name;     // for people: its machine and process
  std::string program;  // its version
  std::string roles;
  int reads = kRecordVersion;
  std::vector<std::string> waits;  // for people: the partitions that it is too old for
};

class VersionRegister {
 public:
  struct Allowance {
    int version = 1;           // the highest that may be written now
    std::string held_back_by;  // for people: who does not read the version asked for; empty when nobody
  };

  virtual ~VersionRegister() = default;

  // The highest version that was ever allowed.
  virtual base::Result<int> allowed() = 0;

  // The node is there, until it leaves or is silent for kNodeGoneAfter. Returns what allowed() does: a node that reads
  // less than that must not work here.
  virtual base::Result<int> sign_of_life(const NodeCard& node) = 0;
  virtual void leave(const std::string& node_id) = 0;

  // Allows this version if every node that is there reads it.
  virtual base::Result<Allowance> allow(int version) = 0;
};

}  // namespace message_service
