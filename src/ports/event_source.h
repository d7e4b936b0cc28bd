// The events a hub node has yet to tell its clients, with a position of its own: every node sees all of them.
//
// Owned by the service, used by one fan-out on its own thread; interrupt() may be called from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/event.h"

namespace message_service {

class EventSource {
 public:
  // Whether anybody on this node listens to a conversation. Most sent messages concern nobody here, and are passed over
  // before they are read in full. Rejections are few, and all are given: they concern the sender too.
  using Interest = std::function<bool(std::string_view conversation_id)>;

  struct Polled {
    std::vector<Event> events;
    bool gap = false;  // events before these are gone for this node, so its clients must look into the store
    std::vector<std::string> unreadable_in;  // the same for the clients of these conversations only
  };

  virtual ~EventSource() = default;

  // Goes over the next events, at most `records_max`, and gives those of interest in log order. Waits as
  // LogReader::poll() does; gives none when there were none of interest. The first call starts at the end of the log as
  // it was when the source was made: what came before is history.
  virtual base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline, const Interest& wanted) = 0;
  virtual void interrupt() = 0;

  // Whether there is nothing to go over just now.
  virtual bool at_end() const = 0;
};

}  // namespace message_service
