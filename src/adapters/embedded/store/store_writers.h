// The two ways into the embedded store: batches from the log, and single messages in synchronous mode.
#pragma once

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/batch_committer.h"
#include "ports/store_writer.h"

namespace message_service::embedded {

class EmbeddedBatchCommitter final : public BatchCommitter {
 public:
  EmbeddedBatchCommitter(Database& database, Damage& damage) : database_(database), damage_(damage) {}
  base::Result<Committed> commit(const Batch& batch) override;

 private:
  base::Result<void> fill_from(const Batch& batch, bool in_doubt, StoreBatch& write, Committed& committed);

  Database& database_;
  Damage& damage_;
  bool in_doubt_ = false;  // the last commit failed: what it wrote may be there
};

class EmbeddedStoreWriter final : public StoreWriter {
 public:
  explicit EmbeddedStoreWriter(Database& database) : database_(database) {}
  base::Result<WriteOutcome> write(const Admitted& message) override;
  base::Result<Conversation> create_conversation(const Conversation& conversation) override;

 private:
  Database& database_;
};

// Stores one message at once, as StoreWriter::write() promises; `announced` here, or elsewhere by the caller.
base::Result<WriteOutcome> store_in(Database& database, const Admitted& message, bool announced);

// Makes the conversation, as StoreWriter::create_conversation() promises.
base::Result<Conversation> create_in(Database& database, const Conversation& conversation);

}  // namespace message_service::embedded
