// Store on the embedded database. Any thread; where the log is here, one thread commits.
#pragma once

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/store.h"

namespace message_service::embedded {

// Whose messages a store takes. Those of the log in the same folder it commits with their events, dead letters and
// position in one batch. Of a log elsewhere it remembers, by partition, how far it is stored, so that a replay is told
// from a client that sent the same message twice.
enum class LogPlace { here, elsewhere };

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(Database& database, Damage& damage, LogPlace log) : database_(database), damage_(damage), log_(log) {}

  base::Result<Committed> commit(const Batch& batch) override;
  base::Result<WriteOutcome> write(const Admitted& message) override;
  base::Result<Conversation> create_conversation(const Conversation& conversation) override;

 private:
  class Applied;

  base::Result<void> fill_from(const Batch& batch, bool in_doubt, StoreBatch& write, Committed& committed);
  base::Result<void> store_items(const Batch& batch, bool in_doubt, StoreBatch& write, Committed& committed);
  base::Result<void> remember_dead_letters(StoreBatch& write, const Committed& committed);
  base::Result<StoreOutcome> store_one(const Batch::Item& item, bool may_be_there, StoreBatch& write, Applied& applied);

  Database& database_;
  Damage& damage_;
  const LogPlace log_;
  bool in_doubt_ = false;  // where the log is here: the last commit failed, and what it wrote may be there
};

}  // namespace message_service::embedded
