// Commits a batch: the store first. A store that is one database with its log has then done everything. For any other
// store: publish, append again the records that belong into other partitions, then move the position. After a failure
// in between, the same steps run again, and the store recognises the messages that it had before.
//
// Owned by a persister, used on its thread; blocks.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/batch.h"
#include "pipeline/persist/batch_trace.h"
#include "ports/event_log.h"
#include "ports/log_reader.h"
#include "ports/log_writer.h"
#include "ports/store.h"

namespace message_service {

class Committer {
 public:
  struct Parts {
    Store& store;
    EventLog& events;
    LogReader& log;
    LogWriter& log_writer;  // of the same log, for records to be moved
  };
  explicit Committer(const Parts& parts) : parts_(parts) {}

  // On any error the same batch may be committed again: nothing is stored or announced twice.
  base::Result<Committed> commit(const Batch& batch, BatchTrace& trace);

 private:
  base::Result<Committed> store(const Batch& batch, BatchTrace& trace);
  base::Result<void> move(const std::vector<MovedRecord>& records, Committed& committed);

  const Parts parts_;
};

}  // namespace message_service
