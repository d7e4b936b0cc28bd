// The back of the log: what waits to be stored, in order, from the committed position on.
//
// Owned by the app, used by one persister on its own thread; interrupt() may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service {

class LogReader {
 public:
  virtual ~LogReader() = default;

  // The next records, at most `records_max`; each record is returned once until the reader is made anew. Returns as
  // soon as there is any, else waits until `deadline` or interrupt() and returns none.
  virtual Result<std::vector<ConsumedRecord>> poll(std::size_t records_max, SteadyTime deadline) = 0;

  // Ends a waiting poll() and lets later ones return at once.
  virtual void interrupt() = 0;

  // How many records lie behind the committed position.
  virtual std::uint64_t lag() const = 0;
};

}  // namespace message_service
