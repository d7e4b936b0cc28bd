// The read side of the log: the records that wait to be stored, in the order of each partition, from the committed
// position on.
//
// Owned by the service. One persister uses it on its own thread; any thread may call interrupt() and lag().
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
    // The log has assigned the partitions again. Records that were read before and not committed are not this reader's
    // any more; the log returns them again to the reader that has their partition now. Drop them before `records`
    // count.
    bool start_over = false;
  };

  virtual ~LogReader() = default;

  // The next records, at most `records_max`; each record is returned once until the reader is made again or starts
  // over. Returns as soon as there is any record, else waits until `deadline` or interrupt() and returns none.
  virtual base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline) = 0;

  // Ends a waiting poll() and makes later ones return at once.
  virtual void interrupt() = 0;

  // A reader's owner that does not poll calls this every few seconds, and the reader keeps its partitions.
  virtual void keep_alive() {}

  // The records up to here are done, and the log does not return them again. For committers whose store is not the
  // log's own. Skips positions in partitions that are no longer this reader's. May take effect a little later: after a
  // crash the log returns the uncommitted records again.
  virtual base::Result<void> commit(const Progress& progress) = 0;

  // The partition to which all records of this conversation belong. Other programs write into any partition.
  virtual base::Result<std::int32_t> partition_of(std::string_view /*conversation_id*/) { return 0; }

  // Of the partitions that this reader has now.
  virtual std::vector<PartitionLag> lag() const = 0;

  // Whether the next poll() starts over: records that were read and not committed need not be stored any more.
  virtual bool starts_over() const { return false; }
};

}  // namespace message_service
