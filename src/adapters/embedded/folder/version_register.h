// VersionRegister of a data folder. The folder has one node at a time: versions that this node reads may be written.
// Any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/embedded/folder/data_folder.h"
#include "base/clock.h"
#include "ports/version_register.h"

namespace message_service::embedded {

class EmbeddedVersionRegister final : public VersionRegister {
 public:
  explicit EmbeddedVersionRegister(DataFolder& folder) : folder_(folder) {}

  base::Result<int> allowed() override {
    const std::scoped_lock lock(mutex_);
    return folder_.records();
  }
  base::Result<int> sign_of_life(const NodeCard& node) override {
    const std::scoped_lock lock(mutex_);
    node_ = node;
    seen_at_ = base::SteadyClock::now();
    return folder_.records();
  }
  void leave(const std::string& /*node_id*/) override {
    const std::scoped_lock lock(mutex_);
    node_.reset();
  }
  base::Result<std::vector<SeenNode>> nodes() override {
    const std::scoped_lock lock(mutex_);
    if (!node_) return std::vector<SeenNode>();
    const auto silent_for = std::chrono::duration_cast<std::chrono::milliseconds>(base::SteadyClock::now() - seen_at_);
    return std::vector<SeenNode>{{*node_, silent_for}};
  }
  base::Result<Allowance> allow(int version) override {
    const std::scoped_lock lock(mutex_);
    if (auto done = folder_.allow_records(version); !done) return done.error();
    return Allowance{.version = folder_.records(), .held_back_by = {}};
  }

 private:
  std::mutex mutex_;
  DataFolder& folder_;
  std::optional<NodeCard> node_;
  base::SteadyTime seen_at_{};
};

}  // namespace message_service::embedded
