// The receiver of the events: the hub. Owned by the service. One fan-out thread calls deliver(), which may
// wait until the hub has room.
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

  // Whether a client of this node listens to the conversation. May be wrong when it returns true, never when it returns
  // false.
  virtual bool wants(std::string_view conversation_id) const = 0;

  virtual void deliver(std::vector<Event> events) = 0;

  // The fan-out missed events: the clients of this node must read the store.
  virtual void missed() = 0;

  // The same for the clients that listen to one conversation.
  virtual void missed_in(const std::string& conversation_id) = 0;
};

}  // namespace message_service
