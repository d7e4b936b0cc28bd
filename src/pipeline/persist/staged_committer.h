// Commits a batch where log, store and topics are not one database: store, then remember the dead letters, then
// publish, then append again the records that belong into other partitions, then move the position.
// Whatever fails in between is done again, and the store tells what was there before.
//
// Owned by the service, used by one persister on its thread; blocks.
#pragma once

#include "ports/batch_committer.h"
#include "ports/event_publisher.h"
#include "ports/log_reader.h"
#include "ports/message_store.h"

namespace message_service {

class StagedCommitter final : public BatchCommitter {
 public:
  StagedCommitter(MessageStore& store, EventPublisher& publisher, LogReader& log)
      : store_(store), publisher_(publisher), log_(log) {}

  base::Result<Committed> commit(const Batch& batch) override;

 private:
  void settle(const Batch::Item& item, StoreOutcome outcome, Committed& committed);
  base::Result<void> keep(const std::vector<DeadLetter>& letters, const std::vector<OpenDeadLetter>& closed);
  base::Result<void> move(const std::vector<MovedRecord>& records, Committed& committed);

  MessageStore& store_;
  EventPublisher& publisher_;
  LogReader& log_;
  std::vector<Stored> announced_;  // by the batch at hand, in the order of the log
};

}  // namespace message_service
