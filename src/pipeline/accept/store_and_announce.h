// Synchronous mode: one message is stored and announced while its sender waits. Any thread; blocks.
#pragma once

#include "base/result.h"
#include "model/message.h"
#include "ports/event_log.h"
#include "ports/store.h"

namespace message_service {

// Returns an error for a message that is stored but could not be announced; the same message again announces it.
inline base::Result<WriteOutcome> store_and_announce(Store& store, EventLog& events, const Admitted& message) {
  auto outcome = store.write(message);
  if (!outcome || outcome->announced) return outcome;
  if (auto published = events.publish({outcome->stored}, {}); !published) return published.error();
  return outcome;
}

}  // namespace message_service
