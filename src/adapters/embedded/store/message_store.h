// The embedded store behind a log that is elsewhere. Each write remembers, by partition, how far that log is stored, so
// that a replay is told from a client that sent the same message twice.
#pragma once

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/message_store.h"

namespace message_service::embedded {

class EmbeddedMessageStore final : public MessageStore {
 public:
  EmbeddedMessageStore(Database& database, Damage& damage) : database_(database), damage_(damage) {}
  base::Result<std::vector<StoreOutcome>> store(const std::vector<Batch::Item>& items, DeadLetterOrder order) override;
  base::Result<void> keep_letters(const std::vector<OpenDeadLetter>& open,
                                  const std::vector<OpenDeadLetter>& closed) override;
  base::Result<void> reject(const std::vector<MessageRejected>& rejections) override;
  base::Result<WriteOutcome> store_now(const Admitted& message) override;
  base::Result<Conversation> create_conversation(const Conversation& conversation) override;

 private:
  base::Result<void> fill_from(const std::vector<Batch::Item>& items, DeadLetterOrder order, StoreBatch& write,
                               std::vector<StoreOutcome>& outcomes);

  Database& database_;
  Damage& damage_;
};

}  // namespace message_service::embedded
