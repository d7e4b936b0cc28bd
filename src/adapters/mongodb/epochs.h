// The register of epochs in MongoDB (collection log_epochs), and this node's copy of it.
//
// One a MongoDb; any thread. Blocks for the store, and asks for the log's shape, only when something is not known yet.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "adapters/mongodb/log_sequences.h"
#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

class Epochs {
 public:
  Epochs(Pool& pool, const Options& options) : pool_(pool), options_(options) {}

  // Registers the log as it is now where that is needed. Without `log_shape` there is nothing to do. Uses the caller's
  // client, for the pool may have no second one.
  Result<void> prepare(const Pool::Client& client);

  // Made so that it covers these partitions, and with the newest epoch a log's. Errors as epoch_to_begin().
  Result<std::shared_ptr<const LogSequences>> for_log(std::int32_t highest_partition);

  // The newest epoch, made to be one of synchronous writes.
  Result<Epoch> for_synchronous();

  // Remembers now and then how far the log has come, so that its being cut is noticed at the next start.
  void stored_up_to(const std::vector<Position>& last);

 private:
  Result<void> load(const Pool::Client& client);
  Result<void> register_log(const Pool::Client& client);
  Result<void> insert(const Pool::Client& client, const Epoch& epoch);
  Result<void> raise_seen(const Pool::Client& client, const std::vector<Position>& ends);
  bool feeds_from_log() const;

  Pool& pool_;
  const Options options_;
  std::mutex mutex_;
  std::vector<Epoch> epochs_;
  std::string log_id_;  // empty until the log was asked for
  std::shared_ptr<const LogSequences> sequences_;
  SteadyTime next_raise_{};
};

}  // namespace message_service::mongodb
