// The writing side of the store: it takes messages, and every key keeps its first content.
//
// Owned by the service; any thread, though two threads never commit messages of one conversation at a time; blocks for
// the store.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "model/batch.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/revocation.h"

namespace message_service {

struct WriteOutcome {
  Stored stored;
  bool duplicate = false;  // the store had it before, with the same content
  bool announced = false;  // the same write has published its event
};

class Store {
 public:
  virtual ~Store() = default;

  // Stores the batch's messages, and remembers its dead letters and the messages that become dead letters. Rows of a
  // conversation become visible in the order of their sequences, and any replay gives the same sequences. On an error
  // some messages may be stored; commit the same batch again, and nothing is stored twice. With DeadLetterOrder::park
  // the store stores nothing of a conversation after a message of it that the store refuses.
  virtual base::Result<Committed> commit(const Batch& batch) = 0;

  // Stores one message that is in no log (synchronous mode). `conflict`: the key names other content.
  virtual base::Result<WriteOutcome> write(const Admitted& message) = 0;

  // The conversation as it is stored now: the given one, or an equal one made earlier. `conflict`: another conversation
  // has its id.
  virtual base::Result<Conversation> create_conversation(const Conversation& conversation) = 0;

  // Deletes the oldest messages of the canary's conversation (model/canary.h), with their keys, until it has at most
  // `rows_max`; after very many of them another call goes on. Its sequences go on, its latest messages stay, and
  // nothing else is ever deleted. A message that is committed once more after its deletion is stored once more.
  virtual base::Result<void> trim_canary(std::size_t rows_max) = 0;

  // Durable when it returns. Of two for one person the later `issued_before` counts. Drops what need not be kept any
  // more.
  virtual base::Result<void> revoke(const Revocation& revocation) = 0;
};

}  // namespace message_service
