// StoreReader on the embedded database. Any thread; reads come from memory or this machine's disk.
#pragma once

#include "adapters/embedded/store/database.h"
#include "adapters/embedded/store/key_entries.h"
#include "adapters/embedded/store/stored_id.h"
#include "observe/damage.h"
#include "ports/store_reader.h"

namespace message_service::embedded {

class EmbeddedStoreReader final : public StoreReader {
 public:
  EmbeddedStoreReader(Database& database, Damage& damage) : database_(database), damage_(damage) {}

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override;
  base::Result<std::optional<Standings>> participants(const std::string& conversation_id) override;
  base::Result<std::uint64_t> last_participant_change(const std::string& conversation_id) override;
  base::Result<std::uint64_t> last_sequence(const std::string& conversation_id) override;
  base::Result<Page> page(const std::string& conversation_id, const PageQuery& query) override;
  base::Result<std::optional<StoredRow>> find_message(const std::string& conversation_id,
                                                      const ObjectIdBytes& id) override;
  base::Result<KeyLookup> find_by_temporary_id(const std::string& conversation_id,
                                               const std::string& temporary_message_id) override {
    return find(conversation_id, temporary_message_id, Database::Reach::disk);
  }
  base::Result<KeyLookup> find_in_memory(const std::string& conversation_id,
                                         const std::string& temporary_message_id) override {
    return find(conversation_id, temporary_message_id, Database::Reach::memory);
  }
  base::Result<std::string> history_id() override { return stored_id(database_, kHistoryId); }
  base::Result<std::vector<Revocation>> revocations() override;
  bool is_local() const override { return true; }
  base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) override;

 private:
  base::Result<KeyLookup> find(const std::string& conversation_id, const std::string& temporary_message_id,
                               Database::Reach reach);
  base::Result<StoredRow> read_row(const KeyEntry& entry, Database::Reach reach = Database::Reach::disk);

  Database& database_;
  Damage& damage_;
};

}  // namespace message_service::embedded
