// The writing side of the topics of sent events and of dead letters.
//
// Owned by the app; any thread; blocks until the log has them.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"
#include "model/message.h"

namespace message_service {

class EventPublisher {
 public:
  virtual ~EventPublisher() = default;

  // All are durable when it succeeds; those of one conversation lie in the order given. On an error some may be there:
  // published again they come twice, which readers tell by the sequence.
  virtual Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) = 0;
};

}  // namespace message_service
