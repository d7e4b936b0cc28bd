// The front of the log: where an admitted message becomes durable.
//
// Owned by the service; called from any thread. append() never blocks. The handler is called exactly once, from a
// thread of the log's, never from inside append() when the record was taken; it must be quick.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/result.h"
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

  // Records of one key are appended in the order of the calls. A full queue refuses at once.
  virtual void append(LogRecord record, Handler handler) = 0;

  // The same for the record of a message that this process has just admitted (wire::requested_record()). A log whose
  // reader is in the same process may hand it the message in place of the record.
  virtual void append_message(std::shared_ptr<const Admitted> message, Handler handler) = 0;

  // The same, into a certain partition, whatever the record's key says. A log of one partition has no choice.
  virtual void append_to(std::int32_t /*partition*/, LogRecord record, Handler handler) {
    append(std::move(record), std::move(handler));
  }

  // Refuses new records, finishes those it has, then returns. Idempotent.
  virtual void drain() = 0;
};

}  // namespace message_service
