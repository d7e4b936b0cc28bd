// The open dead letters, which the persister must know for every record: the letters of the store, and the changes that
// the batch under construction makes to them.
//
// Owned by a persister, used on its thread. It asks the store only about conversations that have open letters. It keeps
// the ids of these in memory, up to a bound; above the bound it asks the store about every conversation. Errors are the
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

  // Must succeed for the partitions of the next records before they are sorted. Reads the store when these partitions
  // are not loaded yet.
  base::Result<void> load(const Partitions& partitions);
  // Every letter may be different: the next load() reads again.
  void forget();

  // False: there is none at all, and no other question is needed.
  bool any() const { return !all_known_ || !conversations_.empty() || !changes_.empty(); }

  base::Result<std::optional<OpenDeadLetter>> find(const DeadLetterKey& key);

  // Whether a message that is (or first was) at `position` must wait for an earlier one of its conversation. The order
  // of a conversation is that of its partition; letters of another partition hold up no message.
  base::Result<bool> holds_up(const std::string& conversation_id, Position position);

  // The batch opens or closes this letter.
  void open(const OpenDeadLetter& letter);
  void close(const DeadLetterKey& key) { changes_[key] = std::nullopt; }

  // The batch took effect.
  void committed(const Committed& committed);

  // Open letters of the loaded partitions.
  std::uint64_t count() const { return count_; }

 private:
  // A walk over the letters of a conversation in the store, oldest first. It halts at the first that holds up others.
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
  bool all_known_ = true;  // conversations_ has every conversation with open letters
  std::uint64_t count_ = 0;

  // Of the batch: the letters that it opens, or nothing for a letter that it closes.
  std::map<DeadLetterKey, std::optional<OpenDeadLetter>> changes_;
  std::map<std::pair<std::string, std::int32_t>, Walk> walks_;
};

}  // namespace message_service
