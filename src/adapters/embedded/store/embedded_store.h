// Store on the embedded database. Any thread; with the log in the same folder, one thread commits.
#pragma once

#include <atomic>
#include <cstdint>

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/store.h"

namespace message_service::embedded {

// The log whose messages a store takes. With the log in the same folder, the store commits messages with their events,
// dead letters and position in one batch. With a log elsewhere, it remembers by partition how far the log is stored,
// which distinguishes a replay from a client that sent the same message twice.
enum class LogPlace { here, elsewhere };

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(Database& database, Damage& damage, LogPlace log) : database_(database), damage_(damage), log_(log) {}

  base::Result<Committed> commit(const Batch& batch) override;
  base::Result<WriteOutcome> write(const Admitted& message) override;
  base::Result<Conversation> create_conversation(const Conversation& conversation) override;
  base::Result<void> trim_canary(std::size_t rows_max) override;
  base::Result<void> revoke(const Revocation& revocation) override;

 private:
  class Applied;

  base::Result<void> fill_from(const Batch& batch, bool in_doubt, StoreBatch& write, Committed& committed);
  base::Result<void> store_items(const Batch& batch, bool in_doubt, StoreBatch& write, Committed& committed);
  base::Result<void> remember_dead_letters(StoreBatch& write, const Committed& committed);
  base::Result<StoreOutcome> store_one(const Batch::Item& item, bool may_be_there, StoreBatch& write, Applied& applied);

  Database& database_;
  Damage& damage_;
  const LogPlace log_;
  std::atomic<std::uint64_t> canary_begin_ = 0;  // no row of the canary lies below: trims need not search from 0
  bool in_doubt_ = false;  // with the log here: the last commit failed, and its rows may be in the store
};

}  // namespace message_service::embedded
