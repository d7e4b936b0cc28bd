// The log as its writer and its reader share it: its segments on disk, its newest messages in memory, and its end. The
// writer moves the end last, so every record before the end can be read from the disk or from memory.
//
// Owned by OpenedFolder. Each part says which threads may use it.
#pragma once

#include <memory>
#include <utility>

#include "adapters/embedded/log/segmented_log.h"
#include "adapters/embedded/log/tail_cache.h"
#include "adapters/embedded/topic/topic_end.h"

namespace message_service::embedded {

struct MessageLog {
  explicit MessageLog(std::unique_ptr<SegmentedLog> opened) : segments(std::move(opened)), end(segments->end()) {}

  const std::unique_ptr<SegmentedLog> segments;
  TailCache tail;
  TopicEnd end;
};

}  // namespace message_service::embedded
