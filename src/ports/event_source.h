// The events a hub node has yet to tell its clients, with a position of its own: every node sees all of them.
//
// Owned by the app, used by one fan-out on its own thread; interrupt() may be called from any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service {

enum class EventKind { sent, rejected };

// Undecoded: most events concern conversations that nobody on this node listens to, and the record's key says so.
struct EventRecord {
  EventKind kind;
  LogRecord record;
};

class EventSource {
 public:
  virtual ~EventSource() = default;

  // The next events in log order, as LogReader::poll(). The first call starts at the end of the log as it was when the
  // source was made: what came before is history.
  virtual Result<std::vector<EventRecord>> poll(std::size_t records_max, SteadyTime deadline) = 0;
  virtual void interrupt() = 0;
};

}  // namespace message_service
