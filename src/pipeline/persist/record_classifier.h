// Sorts a record from the log: into a message that may be stored, a record that must first be moved to its
// conversation's partition, a dead letter with its reason, or an operator's order to discard a dead letter. Records of
// other programs are checked like a POST. A record that only a newer program can read stays in the log.
//
// Owned by a persister, used on its thread; may ask the store and the log.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/batch.h"
#include "model/limits.h"
#include "model/log_record.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/persist/open_dead_letters.h"
#include "pipeline/persist/record_versions.h"
#include "ports/log_reader.h"
#include "ports/store_reader.h"

namespace message_service {

enum class Classified { taken, needs_newer_program };

class RecordClassifier {
 public:
  struct Parts {
    LogReader& log;
    ConversationDirectory& conversations;
    StoreReader& store;
    OpenDeadLetters& open_dead_letters;
    RecordVersions versions{};
  };
  RecordClassifier(const Limits& limits, const Parts& parts)
      : limits_(limits),
        log_(parts.log),
        conversations_(parts.conversations),
        store_(parts.store),
        open_dead_letters_(parts.open_dead_letters),
        versions_(parts.versions) {}

  // Puts the record into the batch, unless it needs a newer program. An error means that the store or the log did not
  // answer: the record is untouched.
  base::Result<Classified> classify_into(Batch& batch, ConsumedRecord& consumed);

 private:
  struct Classification;
  enum class Readable { yes, by_a_newer_program, never };
  base::Result<Readable> readable(const LogRecord& record) const;
  base::Result<Classification> classification_of(const ConsumedRecord& consumed, Readable readable,
                                                 const std::optional<OpenDeadLetter>& before);
  base::Result<std::optional<OpenDeadLetter>> attempt_before(ConsumedRecord& consumed);
  void move(Batch& batch, ConsumedRecord& consumed, const Message& message, std::int32_t partition);
  void add_dead_letter(Batch& batch, ConsumedRecord& consumed, Classification classification,
                       const std::optional<OpenDeadLetter>& before);
  base::Result<bool> is_stored(const Message& message);
  base::Result<void> discard(Batch& batch, ConsumedRecord& consumed, const DeadLetterKey& key);

  const Limits limits_;
  LogReader& log_;
  ConversationDirectory& conversations_;
  StoreReader& store_;
  OpenDeadLetters& open_dead_letters_;
  const RecordVersions versions_;
};

}  // namespace message_service
