// The register in which the nodes of a service say which records they read, and agree on which records they may write.
//
// Owned by the service; any thread; blocks for the store. An allowed version stays allowed: its records may be in the
// log for good.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/record_version.h"

namespace message_service {

inline constexpr std::chrono::seconds kSignOfLifeEvery{2};
inline constexpr std::chrono::seconds kNodeGoneAfter{10};

// The description of a node, sent with every sign of life.
struct NodeCard {
  std::string id;       // of this run of the program, and of no other
  std::string name;     // for people: its machine and process
  std::string program;  // its version
  std::string roles;
  int reads = kRecordVersion;
  std::vector<std::string> waits;  // for people: the partitions that this node is too old for
};

// A node that has given a sign of life and has not left.
struct SeenNode {
  NodeCard card;
  std::chrono::milliseconds silent_for{};  // since its last sign of life, by the register's clock
};

class VersionRegister {
 public:
  struct Allowance {
    int version = 1;           // the highest that may be written now
    std::string held_back_by;  // for people: the nodes that do not read the version asked for; empty when all do
  };

  virtual ~VersionRegister() = default;

  // The highest version that was ever allowed.
  virtual base::Result<int> allowed() = 0;

  // The node is present until it leaves or is silent for kNodeGoneAfter. Returns the same as allowed(): a node that
  // reads only lower versions must not work here.
  virtual base::Result<int> sign_of_life(const NodeCard& node) = 0;
  virtual void leave(const std::string& node_id) = 0;

  // The nodes that are present, and those of the last day that ended without leaving.
  virtual base::Result<std::vector<SeenNode>> nodes() = 0;

  // Allows this version if every node that is present reads it.
  virtual base::Result<Allowance> allow(int version) = 0;
};

}  // namespace message_service
