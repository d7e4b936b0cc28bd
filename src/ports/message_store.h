// The writing side of a store that does not hold the log: messages go in, and every key keeps its first content.
//
// Owned by the service; any thread, though two threads never store messages of one conversation at a time while each
// owns its partitions; blocks for the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/conversation.h"
#include "model/event.h"
#include "model/message.h"
#include "ports/batch_committer.h"
#include "ports/store_writer.h"

namespace message_service {

// What became of one message.
struct StoreOutcome {
  enum class Kind {
    stored,        // new
    stored_again,  // the same record was stored before, and perhaps not announced: a replay
    duplicate,     // same key and content, from an earlier record, which announced it
    conflict,      // the key names a message with other content
    refused,       // the store itself will never take it, such as by a rule that its owner has set
    parked,        // not tried: an earlier message of its conversation was refused
  };
  Kind kind = Kind::stored;
  std::optional<Stored> stored;  // for the first two
  std::string error;             // for a refused one: why
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Stores what is new; one outcome for each item, in their order. Rows of a conversation become visible in the order
  // of their sequences, which any replay gives again. On an error some may be stored, and the same call again is right.
  // With DeadLetterOrder::park nothing of a conversation is stored behind a message of it that was refused.
  virtual base::Result<std::vector<StoreOutcome>> store(const std::vector<Batch::Item>& items,
                                                        DeadLetterOrder order) = 0;

  // Remembers the open ones, over what was remembered of them before, then forgets the closed ones. The same call again
  // is right.
  virtual base::Result<void> keep_letters(const std::vector<OpenDeadLetter>& open,
                                          const std::vector<OpenDeadLetter>& closed) = 0;

  // Remembers why these keys have no message. A key that has one keeps it.
  virtual base::Result<void> reject(const std::vector<MessageRejected>& rejections) = 0;

  // Stores one message that is in no log (synchronous mode). `conflict`: the key is taken by other content.
  virtual base::Result<WriteOutcome> store_now(const Admitted& message) = 0;

  // See StoreWriter.
  virtual base::Result<Conversation> create_conversation(const Conversation& conversation) = 0;
};

}  // namespace message_service
