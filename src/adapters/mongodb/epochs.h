// The register of epochs in MongoDB (collection log_epochs), and this node's copy of it.
//
// One for each MongoDb; any thread. Blocks for the store, and asks for the log's shape, only when something is not
// known yet.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "adapters/mongodb/bson.h"
#include "adapters/mongodb/log_sequences.h"
#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

class Epochs {
 public:
  Epochs(Pool& pool, const Options& options) : pool_(pool), options_(options) {}

  // Registers the log as it is now, when that is needed. Does nothing without `log_shape`. Uses the caller's client,
  // because the pool may have no second one.
  base::Result<void> prepare(const Pool::Client& client);

  // The sequences for the partitions of these positions, each of which is the first to be stored in its partition.
  // Makes sure that an epoch covers each partition, and that the newest epoch is a log's. A partition that is not the
  // same as before gets a higher epoch. Errors as epoch_to_begin().
  base::Result<std::shared_ptr<const LogSequences>> for_log(const std::vector<Position>& first);

  // Grows whenever another reader, also of another node, may have had one of the partitions in between.
  std::uint64_t takeovers() const { return takeovers_.load(std::memory_order_acquire); }

  // The newest epoch; begins an epoch of synchronous writes when the newest is not one.
  base::Result<Epoch> for_synchronous();

  // Stores now and then how far the log has come, so that the next start notices a cut log.
  void stored_up_to(const std::vector<Position>& last);

 private:
  base::Result<void> load(const Pool::Client& client);
  base::Result<void> register_log(const Pool::Client& client);
  base::Result<void> insert(const Pool::Client& client, const Epoch& epoch);
  std::vector<Position> turned(const std::vector<Position>& first) const;
  base::Result<void> look_at_log(const Pool::Client& client, const std::vector<Position>& turned);
  base::Result<bool> is_another(const LogShape& shape, Position first);
  base::Result<void> join(const Pool::Client& client, const Epoch& epoch, const std::set<std::int32_t>& others);
  base::Result<void> raise_seen(const Pool::Client& client, const std::vector<Position>& ends);
  void write_seen(Writer& change, const Epoch& epoch, Position end) const;
  void note_witnesses(Epoch& epoch) const;
  bool feeds_from_log() const;

  Pool& pool_;
  const Options options_;
  // Held during calls to the store, which end within their timeouts: while one of them waits, no persister could store
  // either.
  std::mutex mutex_;
  std::vector<Epoch> epochs_;
  std::string log_id_;  // empty until the log's shape is known
  std::shared_ptr<const LogSequences> sequences_;
  std::map<std::int32_t, std::uint64_t> turns_;  // by partition: the reader's turn that was looked at
  std::atomic<std::uint64_t> takeovers_ = 0;
  base::SteadyTime next_raise_{};
};

}  // namespace message_service::mongodb
