// The back of the log: what waits to be stored, in the order of each partition, from the committed position on.
//
// Owned by the service, used by one persister on its own thread; interrupt() and lag() may be called from any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service {

class LogReader {
 public:
  struct Polled {
    std::vector<ConsumedRecord> records;
    // The partitions were dealt out anew: what was read before and not committed is nobody's here any more, and comes
    // again from wherever it belongs now. It must be let go before `records` count.
    bool start_over = false;
  };

  virtual ~LogReader() = default;

  // The next records, at most `records_max`; each record is returned once until the reader is made anew or starts over.
  // Returns as soon as there is any, else waits until `deadline` or interrupt() and returns none.
  virtual base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline) = 0;

  // Ends a waiting poll() and lets later ones return at once.
  virtual void interrupt() = 0;

  // To be called every few seconds by a reader's owner that does not poll, so that it keeps its partitions.
  virtual void keep_alive() {}

  // The records up to here are done and come no more. For committers whose store is not the log's own. Positions in
  // partitions that are no longer this reader's are passed over. May take effect a little later: what is not committed
  // at a crash comes again.
  virtual base::Result<void> commit(const Progress& progress) = 0;

  // The partition where all records of this conversation belong. Other programs write into any of them.
  virtual base::Result<std::int32_t> partition_of(std::string_view /*conversation_id*/) { return 0; }

  // Of the partitions that this reader has now.
  virtual std::vector<PartitionLag> lag() const = 0;

  // Whether the next poll() starts over: what was read and not committed need not be stored any more.
  virtual bool starts_over() const { return false; }
};

}  // namespace message_service
