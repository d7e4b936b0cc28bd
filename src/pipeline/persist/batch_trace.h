// The spans of one batch: of its processing, with a link to each sampled message, of the writes to the store, and of
// the events of its messages. Empty when no message is sampled.
//
// On the persister's thread, from before the first commit of the batch to after the last.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/batch.h"
#include "observe/message_traces.h"

namespace message_service {

class BatchTrace {
 public:
  BatchTrace(const MessageTraces& traces, const Batch& batch);

  // One attempt to write the batch. The span ends with its handle.
  tracing::Span start_store_write();
  // The events go to a topic of their own now: not in one step with the batch.
  void publishing();
  // The batch's span ends.
  void committed(const Committed& committed);

 private:
  const MessageTraces& traces_;
  const std::size_t records_;
  tracing::Span span_;
  std::int64_t announcing_since_ns_ = 0;
};

}  // namespace message_service
