// Store on MongoDB: writes a batch in several commands, each of which may be repeated. Any thread; blocks for the
// store.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "adapters/mongodb/bson.h"
#include "adapters/mongodb/epochs.h"
#include "adapters/mongodb/lanes.h"
#include "adapters/mongodb/patience.h"
#include "adapters/mongodb/pool.h"
#include "adapters/mongodb/schema.h"
#include "ports/store.h"

namespace message_service::mongodb {

struct StoreCall;

class MongoStore final : public Store {
 public:
  MongoStore(Pool& pool, Epochs& epochs, Schema& schema, const Options& options)
      : pool_(pool),
        epochs_(epochs),
        schema_(schema),
        options_(options),
        lanes_(options.writers),
        patience_(options.strange_errors) {}

  base::Result<Committed> commit(const Batch& batch) override;
  base::Result<WriteOutcome> write(const Admitted& message) override;
  base::Result<Conversation> create_conversation(const Conversation& conversation) override;
  base::Result<void> trim_canary(std::size_t rows_max) override;
  base::Result<void> revoke(const Revocation& revocation) override;

  // The steps of commit(), in their order. First the rows: one outcome for each item, in the items' order.
  base::Result<std::vector<StoreOutcome>> store(const std::vector<Batch::Item>& items, DeadLetterOrder order);
  // Stores why these keys have no message. A key that already has a reason keeps it.
  base::Result<void> reject(const std::vector<MessageRejected>& rejections);
  // Stores the open letters over their earlier documents, then deletes the closed ones.
  base::Result<void> keep_letters(const std::vector<OpenDeadLetter>& open, const std::vector<OpenDeadLetter>& closed);

 private:
  // Settles the items whose senders may not do what they ask for, and returns the places of the others.
  base::Result<std::vector<std::size_t>> judge(StoreCall& call);
  base::Result<bool> changes_exist(const Pool::Client& client);

  // The places, split so that the items of a conversation stay together and in order.
  std::vector<std::vector<std::size_t>> split(const StoreCall& call, const std::vector<std::size_t>& places) const;

  // `write` makes the command for the letters from an index on.
  base::Result<void> run_on_letters(std::size_t count, const std::function<void(Writer&, std::size_t)>& write);

  Pool& pool_;
  Epochs& epochs_;
  Schema& schema_;
  const Options options_;
  Lanes lanes_;
  Patience patience_;

  // Whether any conversation has changes of participants. While this node's readers keep their partitions, only its own
  // batches make some.
  std::atomic<bool> changes_exist_ = false;
  std::atomic<std::uint64_t> looked_for_changes_at_ = 0;  // Epochs::takeovers() at the last look
};

}  // namespace message_service::mongodb
