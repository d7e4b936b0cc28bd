// A batch of the log's records on its way into the store, and the batch's result there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/dead_letter.h"
#include "model/log_record.h"
#include "model/message.h"
#include "model/position.h"

namespace message_service {

// A record that another program put into a partition that is not its conversation's. The persister appends it again,
// into `partition`.
struct MovedRecord {
  std::int32_t partition;
  ConsumedRecord source;
  std::string conversation_id;
  std::string temporary_message_id;
};

// Consecutive records of one reader, each a message, a dead letter, or a record to be moved.
struct Batch {
  // A message keeps its original record: the store may yet find that the key names other content.
  struct Item {
    Appended message;
    std::optional<LogRecord> source;           // none: as wire::requested_record() makes it of the message
    std::optional<OpenDeadLetter> retry_of{};  // the dead letter that is tried again, and closed once it is stored
    // This process made the temporary id, wrote this one record with it, and reads it for the first time: unless this
    // batch was committed before, no message is stored under the id.
    bool new_id = false;
    std::optional<Position> moved_from{};  // the record's position before it was moved here
  };
  std::vector<Item> items;
  std::vector<DeadLetter> dead_letters;
  std::vector<OpenDeadLetter> discarded;  // dead letters to be closed
  std::vector<MovedRecord> moved;         // only where the log has several partitions
  Progress progress;                      // the records up to here are done when the batch is
  DeadLetterOrder order = DeadLetterOrder::pass;

  std::size_t size() const { return items.size() + dead_letters.size() + discarded.size() + moved.size(); }
};

inline constexpr const char* kKeyTaken = "the key names a message with other content";

// The dead letter of a message that the store did not take, with its original record.
inline DeadLetter dead_letter_of(const Batch::Item& item, LogRecord source, DeadReason reason,
                                 const std::string& error) {
  const Message& message = item.message.message();
  DeadLetter letter{.source = {item.message.position(), std::move(source)},
                    .reason = reason,
                    .error = error,
                    .rejection = {},
                    .conversation_id = message.conversation_id,
                    .temporary_message_id = message.temporary_message_id};
  const bool tried = reason != DeadReason::parked;
  letter.attempts = tried ? 1 : 0;
  if (tried) letter.rejection = MessageRejected{message.conversation_id, message.temporary_message_id, error};
  if (item.retry_of) {
    letter.first_position = item.retry_of->origin;
    letter.attempts += item.retry_of->attempts;
  }
  return letter;
}

// The outcome of one message.
struct StoreOutcome {
  enum class Kind {
    stored,        // new
    stored_again,  // the same record was stored before, and perhaps not announced: a replay
    duplicate,     // same key and content, from an earlier record, which announced it
    conflict,      // the key names a message with other content
    not_allowed,   // its sender does not take part any more, or may not make this change
    refused,       // the store itself will never take it, for example because of a rule that its owner has set
    parked,        // not tried: an earlier message of its conversation was refused
  };
  Kind kind = Kind::stored;
  std::optional<Stored> stored;  // for the first two
  std::string error;             // for one that is refused or not allowed: the reason
};

// The result of a batch.
struct Committed {
  std::vector<Stored> stored;            // new in the store, by this batch
  std::size_t duplicates = 0;            // same key and content as a message stored before: nothing to do
  std::vector<DeadLetter> dead_letters;  // of the batch, and of the messages that the store did not take
  std::vector<OpenDeadLetter> closed;    // dead letters that are stored now, or discarded
  std::size_t moved = 0;                 // records that were appended again in their own partitions

  // Whether the events, the dead letters and the position were committed with the messages, in one atomic step. If not,
  // the committer publishes and moves the position now.
  bool complete = false;
  std::vector<Stored> to_announce{};  // unless complete: in the order of the log, also those of a replay
};

}  // namespace message_service
