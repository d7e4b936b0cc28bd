// The front of the log: where an admitted message becomes durable.
//
// Owned by the service; called from any thread. Appending never blocks. The handler is called exactly once, from a
// thread of the log's, never from inside the call when the record was taken; it must be quick.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/batch.h"
#include "model/log_record.h"

namespace message_service {

// The acknowledgement that flows back: where the record lies, durable.
struct Receipt {
  Position position;
};

class LogWriter {
 public:
  // Receipt: durable. `refused`: certainly not in the log, now or later. `invalid`: the same, and the log can never
  // take it. `unknown`: nobody can tell.
  using Handler = std::function<void(const base::Result<Receipt>&)>;

  virtual ~LogWriter() = default;

  // The record of a message that this process has just admitted (wire::requested_record()). Records of one key are
  // appended in the order of the calls. A full queue refuses at once.
  virtual void append(std::shared_ptr<const Admitted> message, Handler handler) = 0;

  // A record as it is, into the partition named; without one, into its key's.
  virtual void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) = 0;

  // Appends these records again, each into the partition named, as they came but for a note of where they lay. One
  // answer for each: durable, or why the log will never take it. Those of one partition lie in the order given. Blocks.
  // On an error some may be there, and the same call again appends them twice: the store tells by the key. A log of one
  // partition has nothing to move.
  virtual base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records) {
    return std::vector<base::Result<void>>(records.size(),
                                           base::Error{base::ErrorCode::invalid, "the log has one partition"});
  }

  // Refuses new records, finishes those it has, then returns. Idempotent.
  virtual void drain() = 0;
};

}  // namespace message_service
