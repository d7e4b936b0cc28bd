// For tests: the real store, of which a test changes what it is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/store_reader.h"

namespace message_service {

class RealStoreReader : public StoreReader {
 public:
  explicit RealStoreReader(StoreReader& real) : real_(real) {}

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override {
    return real_.find_conversation(id);
  }
  base::Result<std::optional<Standings>> participants(const std::string& id) override { return real_.participants(id); }
  base::Result<std::uint64_t> last_participant_change(const std::string& id) override {
    return real_.last_participant_change(id);
  }
  base::Result<std::uint64_t> last_sequence(const std::string& id) override { return real_.last_sequence(id); }
  base::Result<Page> page(const std::string& id, const PageQuery& query) override { return real_.page(id, query); }
  base::Result<std::optional<StoredRow>> find_message(const std::string& conversation,
                                                      const ObjectIdBytes& id) override {
    return real_.find_message(conversation, id);
  }
  base::Result<KeyLookup> find_by_temporary_id(const std::string& conversation, const std::string& key) override {
    return real_.find_by_temporary_id(conversation, key);
  }
  base::Result<KeyLookup> find_in_memory(const std::string& conversation, const std::string& key) override {
    return real_.find_in_memory(conversation, key);
  }
  base::Result<std::string> history_id() override { return real_.history_id(); }
  base::Result<std::vector<Revocation>> revocations() override { return real_.revocations(); }
  bool is_local() const override { return real_.is_local(); }
  base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) override {
    return real_.open_dead_letters(query);
  }

 private:
  StoreReader& real_;
};

}  // namespace message_service
