// The write side of the log: it makes an admitted message durable.
//
// Owned by the service; any thread. Appending never blocks. The log calls the handler exactly once. It calls from a
// thread of its own, and never from inside the call when it has taken the record. The handler must be quick.
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

// The acknowledgement: the position of the durable record.
struct Receipt {
  Position position;
};

class LogWriter {
 public:
  // Receipt: durable. `refused`: certainly not in the log, now or later. `invalid`: the same, and the log can never
  // take it. `unknown`: the record may be in the log or not.
  using Handler = std::function<void(const base::Result<Receipt>&)>;

  virtual ~LogWriter() = default;

  // Appends the record of a message that this process has just admitted (wire::requested_record()). Records of one key
  // are appended in the order of the calls. A full queue refuses at once.
  virtual void append(std::shared_ptr<const Admitted> message, Handler handler) = 0;

  // Appends a record unchanged into the named partition, or without one into the partition of its key.
  virtual void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) = 0;

  // Appends these records again, each into its named partition, unchanged but for a note of the old position. Returns
  // one answer for each record: durable, or why the log will never take it. The records of one partition keep the given
  // order. Blocks. On an error the log may hold some of them, and the same call again appends these twice: the store
  // recognises the repeats by the key. A log of one partition has nothing to move.
  virtual base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records) {
    return std::vector<base::Result<void>>(records.size(),
                                           base::Error{base::ErrorCode::invalid, "the log has one partition"});
  }

  // Refuses new records, finishes the records it has, then returns. Idempotent.
  virtual void drain() = 0;
};

}  // namespace message_service
