// The record versions that a persister can read, and those that any node of the service can have written.
#pragma once

#include <functional>

#include "base/result.h"
#include "model/record_version.h"

namespace message_service {

struct RecordVersions {
  int reads = kRecordVersion;

  // The highest version that the nodes were ever allowed to write. Asks the store, and blocks for it.
  std::function<base::Result<int>()> allowed = [] { return base::Result<int>(kRecordVersion); };
};

}  // namespace message_service
