// Sorts a record from the log: into a message that may be stored, or a dead letter with its reason. What other programs
// wrote is checked like a POST. Pure but for the conversation directory, which may ask the store.
#pragma once

#include "base/result.h"
#include "model/limits.h"
#include "model/log_record.h"
#include "pipeline/conversations/conversation_directory.h"
#include "ports/batch_committer.h"

namespace message_service {

// Moves the record into the batch. An error means that the store could not be asked: the record is untouched.
Result<void> sort_into(Batch& batch, ConsumedRecord& consumed, const Limits& limits,
                       ConversationDirectory& conversations);

}  // namespace message_service
