// Sorts a record from the log: into a message that may be stored, a record that must first be moved to its
// conversation's partition, a dead letter with its reason, or the end of a dead letter that an operator has given up.
// Records of other programs are checked like a POST. A record that only a newer program can read is left where it lies.
//
// Owned by a persister, used on its thread; may ask the store and the log.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/limits.h"
#include "model/log_record.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/persist/open_letters.h"
#include "pipeline/persist/record_versions.h"
#include "ports/batch_committer.h"
#include "ports/log_reader.h"
#include "ports/store_reader.h"

namespace message_service {

enum class Sorted { taken, needs_newer_program };

class Sorting {
 public:
  struct Parts {
    LogReader& log;
    ConversationDirectory& conversations;
    StoreReader& store;
    OpenLetters& open_letters;
    RecordVersions versions{};
  };
  Sorting(const Limits& limits, const Parts& parts)
      : limits_(limits),
        log_(parts.log),
        conversations_(parts.conversations),
        store_(parts.store),
        open_letters_(parts.open_letters),
        versions_(parts.versions) {}

  // Puts the record into the batch, unless it needs a newer program. An error means that store or log could not be
  // asked: the record is untouched.
  base::Result<Sorted> sort_into(Batch& batch, ConsumedRecord& consumed);

 private:
  struct Fate;
  enum class Readable { yes, by_a_newer_program, never };
  base::Result<Readable> readable(const LogRecord& record) const;
  base::Result<Fate> fate_of(const ConsumedRecord& consumed, Readable readable,
                             const std::optional<OpenLetter>& before);
  base::Result<std::optional<OpenLetter>> attempt_before(ConsumedRecord& consumed);
  void move(Batch& batch, ConsumedRecord& consumed, const Message& message, std::int32_t partition);
  void bury(Batch& batch, ConsumedRecord& consumed, Fate fate, const std::optional<OpenLetter>& before);
  base::Result<bool> is_stored(const Message& message);
  base::Result<void> discard(Batch& batch, ConsumedRecord& consumed, const LetterKey& key);

  const Limits limits_;
  LogReader& log_;
  ConversationDirectory& conversations_;
  StoreReader& store_;
  OpenLetters& open_letters_;
  const RecordVersions versions_;
};

}  // namespace message_service
