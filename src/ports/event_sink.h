// Where events end: the hub. Owned by the service; deliver() is called by one fan-out thread and must not block.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace message_service {

class EventSink {
 public:
  virtual ~EventSink() = default;

  // Whether anybody here listens to the conversation. May say yes wrongly, never no.
  virtual bool wants(std::string_view conversation_id) const = 0;

  virtual void deliver(std::vector<Event> events) = 0;

  // Events have passed unseen: whoever listens here must look into the store.
  virtual void missed() = 0;

  // The same for those who listen to one conversation.
  virtual void missed_in(const std::string& conversation_id) = 0;
};

}  // namespace message_service
