// Writes that go to the store while somebody waits. Owned by the service; any thread; blocks for the store.
#pragma once

#include "base/result.h"
#include "model/conversation.h"
#include "model/message.h"

namespace message_service {

struct WriteOutcome {
  Stored stored;
  bool duplicate = false;  // it was there before, with the same content
};

class StoreWriter {
 public:
  virtual ~StoreWriter() = default;

  // Stores one message and announces it (synchronous mode). `conflict`: the key is taken by other content.
  virtual base::Result<WriteOutcome> write(const Admitted& message) = 0;

  // The conversation as it is stored now: the given one, or an equal one made earlier. `conflict`: another has its id.
  virtual base::Result<Conversation> create_conversation(const Conversation& conversation) = 0;
};

}  // namespace message_service
