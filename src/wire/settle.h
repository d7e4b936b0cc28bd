// What a store made of one message, added to what the batch has come to. Pure.
#pragma once

#include "model/batch.h"

namespace message_service::wire {

// A message that was not taken becomes a dead letter, with the record that it came in.
void settle(const Batch::Item& item, StoreOutcome outcome, Committed& committed);

}  // namespace message_service::wire
