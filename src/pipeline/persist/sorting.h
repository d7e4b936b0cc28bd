// Sorts a record from the log: into a message that may be stored, a dead letter with its reason, or the end of a dead
// letter that an operator has given up. What other programs wrote is checked like a POST.
//
// Owned by a persister, used on its thread; may ask the store.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/limits.h"
#include "model/log_record.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/persist/open_letters.h"
#include "ports/batch_committer.h"
#include "ports/store_reader.h"

namespace message_service {

class Sorting {
 public:
  Sorting(const Limits& limits, ConversationDirectory& conversations, StoreReader& store, OpenLetters& open_letters)
      : limits_(limits), conversations_(conversations), store_(store), open_letters_(open_letters) {}

  // Moves the record into the batch. An error means that the store could not be asked: the record is untouched.
  Result<void> sort_into(Batch& batch, ConsumedRecord& consumed);

 private:
  struct Fate;
  Result<Fate> fate_of(const ConsumedRecord& consumed, const std::optional<OpenLetter>& before);
  Result<std::optional<OpenLetter>> attempt_before(ConsumedRecord& consumed);
  void bury(Batch& batch, ConsumedRecord& consumed, Fate fate, const std::optional<OpenLetter>& before);
  Result<bool> is_stored(const Message& message);
  Result<void> discard(Batch& batch, ConsumedRecord& consumed, const LetterKey& key);

  const Limits limits_;
  ConversationDirectory& conversations_;
  StoreReader& store_;
  OpenLetters& open_letters_;
};

}  // namespace message_service
