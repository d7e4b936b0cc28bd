// VersionRegister of a data folder. The folder has one node at a time: versions that this node reads may be written.
// Any thread.
#pragma once

#include <mutex>

#include "adapters/embedded/folder/data_folder.h"
#include "ports/version_register.h"

namespace message_service::embedded {

class EmbeddedVersionRegister final : public VersionRegister {
 public:
  explicit EmbeddedVersionRegister(DataFolder& folder) : folder_(folder) {}

  base::Result<int> allowed() override {
    const std::scoped_lock lock(mutex_);
    return folder_.records();
  }
  base::Result<int> sign_of_life(const NodeCard& /*node*/) override { return allowed(); }
  void leave(const std::string& /*node_id*/) override {}
  base::Result<Allowance> allow(int version) override {
    const std::scoped_lock lock(mutex_);
    if (auto done = folder_.allow_records(version); !done) return done.error();
    return Allowance{.version = folder_.records(), .held_back_by = {}};
  }

 private:
  std::mutex mutex_;
  DataFolder& folder_;
};

}  // namespace message_service::embedded
