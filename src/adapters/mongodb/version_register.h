// VersionRegister on MongoDB: a document for each node (collection nodes), which every sign of life renews by the
// servers' clock, and the version document. Any thread; blocks for the store.
//
// Allowing a version cannot miss a node that is just arriving: a node first writes its own document and then counts its
// arrival; a version is raised only if no node has arrived since the nodes were looked through.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/mongodb/format.h"
#include "ports/version_register.h"

namespace message_service::mongodb {

class MongoVersionRegister final : public VersionRegister {
 public:
  // Has connections of its own, so that a node whose connections are all busy does not count as dead, and shorter
  // timeouts than for messages, so that a stop need not wait long.
  static base::Result<std::unique_ptr<MongoVersionRegister>> open(Options options);

  base::Result<int> allowed() override;
  base::Result<int> sign_of_life(const NodeCard& node) override;
  void leave(const std::string& node_id) override;
  // `unavailable` also before the first sign of life, for then the driver has not looked for the servers.
  base::Result<std::vector<SeenNode>> nodes() override;
  base::Result<Allowance> allow(int version) override;

 private:
  MongoVersionRegister(std::unique_ptr<Pool> pool, const Options& options)
      : pool_(std::move(pool)), format_(*pool_, options), options_(options) {}

  base::Result<void> write(const Pool::Client& client, const NodeCard& node);
  base::Result<Format> arrive(const Pool::Client& client, const NodeCard& node);

  const std::unique_ptr<Pool> pool_;
  FormatDocument format_;
  const Options options_;
  std::mutex mutex_;
  bool has_tried_ = false;
  base::SteadyTime there_until_{};  // the last sign of life certainly counts until this time
};

// The nodes that are there, by the servers' clock.
base::Result<std::vector<NodeCard>> nodes_there(const Pool::Client& client, const Pool& pool, const Options& options);

}  // namespace message_service::mongodb
