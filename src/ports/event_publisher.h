// The writing side of the topics of sent events and of dead letters, and of the log for records that are moved in it.
//
// Owned by the service; any thread; blocks until the log has them.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"
#include "model/message.h"
#include "ports/batch_committer.h"

namespace message_service {

class EventPublisher {
 public:
  virtual ~EventPublisher() = default;

  // All are durable when it succeeds; those of one conversation lie in the order given. On an error some may be there:
  // published again they come twice, which readers tell by the sequence.
  virtual base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) = 0;

  // Appends these records to the log again, each into the partition named, as they came but for a note of where they
  // lay. One answer for each: durable, or why the log will never take it. Those of one partition lie in the order
  // given. On an error some may be there, and the same call again appends them twice: the store tells by the key. A log
  // of one partition has nothing to move.
  virtual base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records) {
    return std::vector<base::Result<void>>(records.size(),
                                           base::Error{base::ErrorCode::invalid, "the log has one partition"});
  }
};

}  // namespace message_service
