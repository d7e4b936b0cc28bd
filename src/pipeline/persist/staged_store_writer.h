// Synchronous mode where store and topics are not one database: store, then publish.
//
// Owned by the service; any thread; blocks.
#pragma once

#include "ports/event_publisher.h"
#include "ports/message_store.h"
#include "ports/store_writer.h"

namespace message_service {

class StagedStoreWriter final : public StoreWriter {
 public:
  StagedStoreWriter(MessageStore& store, EventPublisher& publisher) : store_(store), publisher_(publisher) {}

  // A message that is stored but could not be announced gives an error; the same message again announces it.
  base::Result<WriteOutcome> write(const Admitted& message) override {
    auto outcome = store_.store_now(message);
    if (!outcome) return outcome;
    if (auto published = publisher_.publish({outcome->stored}, {}); !published) return published.error();
    return outcome;
  }

  base::Result<Conversation> create_conversation(const Conversation& conversation) override {
    return store_.create_conversation(conversation);
  }

 private:
  MessageStore& store_;
  EventPublisher& publisher_;
};

}  // namespace message_service
