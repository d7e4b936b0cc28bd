// Which dead letters are open, as the persister must know it for every record: those of the store, and what the batch
// that is being put together changes about them.
//
// Owned by a persister, used on its thread; asks the store, but only about conversations that have open letters: their
// ids are kept in memory, up to a bound, above which the store is asked about every conversation. Errors are the
// store's, and leave everything as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "model/batch.h"
#include "model/dead_letter.h"
#include "ports/store_reader.h"

namespace message_service {

class OpenDeadLetters {
 public:
  using Partitions = std::vector<std::int32_t>;

  static constexpr std::size_t kConversationsMax = 100'000;

  OpenDeadLetters(StoreReader& store, DeadLetterOrder order, std::size_t conversations_max = kConversationsMax)
      : store_(store), order_(order), conversations_max_(conversations_max) {}

  // Must have succeeded for the partitions that the records to come are from. Reads the store when it has not yet.
  base::Result<void> load(const Partitions& partitions);
  // Everything may be different: the next load() reads again.
  void forget();

  // False: there is none at all, and nothing else need be asked.
  bool any() const { return !all_known_ || !conversations_.empty() || !changes_.empty(); }

  base::Result<std::optional<OpenDeadLetter>> find(const DeadLetterKey& key);

  // Whether a message that lies (or first lay) there must wait for an earlier one of its conversation. A conversation's
  // order is that of its partition; letters of another one hold up nobody.
  base::Result<bool> holds_up(const std::string& conversation_id, Position position);

  // What the batch will make of it.
  void open(const OpenDeadLetter& letter);
  void close(const DeadLetterKey& key) { changes_[key] = std::nullopt; }

  // The batch took effect.
  void committed(const Committed& committed);

  // Open ones of the loaded partitions.
  std::uint64_t count() const { return count_; }

 private:
  // Over the letters of a conversation in the store, oldest first. It halts at the first that holds up others.
  struct Walk {
    std::vector<OpenDeadLetter> page;
    std::size_t at = 0;
    bool last_page = false;
  };

  bool may_have(const std::string& conversation_id) const {
    return !all_known_ || conversations_.contains(conversation_id);
  }
  void remember(const std::string& conversation_id);
  base::Result<const OpenDeadLetter*> oldest_stored(const std::string& conversation_id, std::int32_t partition);
  base::Result<void> next_page(const std::string& conversation_id, Walk& walk);

  StoreReader& store_;
  const DeadLetterOrder order_;
  const std::size_t conversations_max_;

  std::optional<Partitions> loaded_;
  std::unordered_set<std::string> conversations_;
  bool all_known_ = true;  // conversations_ has all that have open letters
  std::uint64_t count_ = 0;

  // Of the batch: what is open then, or nothing for what is closed.
  std::map<DeadLetterKey, std::optional<OpenDeadLetter>> changes_;
  std::map<std::pair<std::string, std::int32_t>, Walk> walks_;
};

}  // namespace message_service
