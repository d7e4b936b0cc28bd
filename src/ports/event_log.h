// The topics of sent events and of dead letters: everything that is announced goes through them.
//
// Owned by the service; any thread; blocks until the log has or gives the records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"
#include "model/log_record.h"
#include "model/message.h"

namespace message_service {

class EventLog {
 public:
  // A dead letter as its topic has it, for people.
  struct Found {
    Position origin;
    LogRecord record;  // as the topic has it; where that holds a reference only, the record in the log
    std::optional<Position> reference{};
    std::string gone{};  // why the log cannot give the record of a reference
  };

  virtual ~EventLog() = default;

  // All are durable when it succeeds; those of one conversation lie in the order given. On an error some may be there:
  // published again they come twice, which readers tell by the sequence.
  virtual base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) = 0;

  // The newest record of each of these letters, in any order; a letter that the topic does not have any more is left
  // out. Goes over the whole topic.
  virtual base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) = 0;
};

}  // namespace message_service
