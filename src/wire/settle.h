// Adds the store's outcome for one message to the result of the batch. Pure.
#pragma once

#include "model/batch.h"

namespace message_service::wire {

// A message that the store did not take becomes a dead letter, with its original record.
void settle(const Batch::Item& item, StoreOutcome outcome, Committed& committed);

}  // namespace message_service::wire
