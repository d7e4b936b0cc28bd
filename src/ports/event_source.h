// The events that a hub node has yet to send to its clients. Every node reads all of them, with a position of its own.
//
// Owned by the service. One fan-out uses it on its own thread; any thread may call interrupt().
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
  // Whether a client of this node listens to a conversation. Most sent messages have no listener here, and the source
  // skips them before it reads them in full. It returns every rejection: rejections are few, and they concern the
  // sender too.
  using Interest = std::function<bool(std::string_view conversation_id)>;

  struct Polled {
    std::vector<Event> events;
    bool gap = false;  // this node has lost events before these, so its clients must read the store
    std::vector<std::string> unreadable_in;  // the same for the clients of these conversations only
  };

  virtual ~EventSource() = default;

  // Reads the next events, at most `records_max`, and returns those of interest in log order. Waits as
  // LogReader::poll() does; returns none when there were none of interest. The first call starts at the end of the log
  // as it was when the source was made: earlier events are history.
  virtual base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline, const Interest& wanted) = 0;
  virtual void interrupt() = 0;

  // Whether there is no event left to read just now.
  virtual bool at_end() const = 0;
};

}  // namespace message_service
