// The writing side of the store: messages go in, and every key keeps its first content.
//
// Owned by the service; any thread, though two threads never commit messages of one conversation at a time; blocks for
// the store.
#pragma once

#include "base/result.h"
#include "model/batch.h"
#include "model/conversation.h"
#include "model/message.h"

namespace message_service {

struct WriteOutcome {
  Stored stored;
  bool duplicate = false;  // it was there before, with the same content
  bool announced = false;  // its event went with it
};

class Store {
 public:
  virtual ~Store() = default;

  // Stores the batch's messages, and remembers its dead letters and those that the messages become. Rows of a
  // conversation become visible in the order of their sequences, which any replay gives again. On an error some may be
  // stored, and the same batch again is right: nothing is stored twice. With DeadLetterOrder::park nothing of a
  // conversation is stored after a message of it that the store refuses.
  virtual base::Result<Committed> commit(const Batch& batch) = 0;

  // Stores one message that is in no log (synchronous mode). `conflict`: the key is taken by other content.
  virtual base::Result<WriteOutcome> write(const Admitted& message) = 0;

  // The conversation as it is stored now: the given one, or an equal one made earlier. `conflict`: another has its id.
  virtual base::Result<Conversation> create_conversation(const Conversation& conversation) = 0;
};

}  // namespace message_service
