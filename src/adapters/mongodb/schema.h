// The conditions for writing to the store: servers that can keep its promises, a format that this program knows,
// indexes, the log's epoch.
//
// One for each MongoDb; any thread; blocks for the store.
#pragma once

#include <atomic>
#include <mutex>

#include "adapters/mongodb/epochs.h"
#include "adapters/mongodb/format.h"
#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

inline constexpr std::string_view kSequenceIndex = "conversationId_1_sequence_1";

class Schema {
 public:
  Schema(Pool& pool, FormatDocument& format, Epochs& epochs, const Options& options)
      : pool_(pool), format_(format), epochs_(epochs), options_(options) {}

  // Checks and makes all of them. `invalid` also for a fault that a person has to put right.
  base::Result<void> prepare();

  // The same until it has succeeded once, but `unavailable` for most faults that a person has to put right: then the
  // caller asks again. Costs nothing afterwards.
  base::Result<void> ensure();

 private:
  base::Result<void> make_all();
  base::Result<void> make_indexes(const Pool::Client& client);

  Pool& pool_;
  FormatDocument& format_;
  Epochs& epochs_;
  const Options options_;
  std::mutex mutex_;
  std::atomic<bool> prepared_{false};
};

}  // namespace message_service::mongodb
