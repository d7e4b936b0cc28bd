// The topics of sent events and of dead letters. Every announcement goes through them.
//
// Owned by the service; any thread. A call blocks until the log has taken or returned the records.
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
  // A dead letter as its topic holds it, for people.
  struct Found {
    Position origin;
    LogRecord record;  // as the topic holds it; for a reference, the record in the log
    std::optional<Position> reference{};
    std::string gone{};  // why the log cannot return the record of a reference
  };

  virtual ~EventLog() = default;

  // On success all records are durable, and the records of one conversation are in the given order. On an error the
  // topics may hold some of them. A second call then adds these again, and readers recognise the repeats by the
  // sequence.
  virtual base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) = 0;

  // The newest record of each of these letters, in any order. Leaves out a letter that the topic does not have any
  // more. Reads the whole topic.
  virtual base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) = 0;
};

}  // namespace message_service
