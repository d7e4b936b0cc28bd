// StoreReader on MongoDB: reads the majority's data from the primary. Any thread; blocks for the store.
#pragma once

#include "adapters/mongodb/format.h"
#include "adapters/mongodb/pool.h"
#include "ports/store_reader.h"

namespace message_service::mongodb {

class MongoStoreReader final : public StoreReader {
 public:
  MongoStoreReader(Pool& pool, History& history, const Options& options)
      : pool_(pool), history_(history), options_(options) {}

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override;
  base::Result<std::optional<Standings>> participants(const std::string& conversation_id) override;
  base::Result<std::uint64_t> last_participant_change(const std::string& conversation_id) override;
  base::Result<std::uint64_t> last_sequence(const std::string& conversation_id) override;
  base::Result<Page> page(const std::string& conversation_id, const PageQuery& query) override;
  base::Result<std::optional<StoredRow>> find_message(const std::string& conversation_id,
                                                      const ObjectIdBytes& id) override;
  base::Result<KeyLookup> find_by_temporary_id(const std::string& conversation_id,
                                               const std::string& temporary_message_id) override;
  base::Result<std::string> history_id() override { return history_.id(); }
  base::Result<std::vector<Revocation>> revocations() override;
  bool is_local() const override { return false; }
  base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) override;

 private:
  Pool& pool_;
  History& history_;
  const Options options_;
};

}  // namespace message_service::mongodb
