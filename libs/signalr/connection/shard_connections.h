// The connections of one shard that have a transport: looks at them at each tick, and ends them when the server must.
// Owned by TransportEndpoint; on the shard's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "runtime/shard.h"
#include "signalr/connection/transport_connection.h"

namespace signalr {

class ShardConnections {
 public:
  explicit ShardConnections(runtime::Shard& its_shard) : shard(its_shard) {}

  // At each tick of the shard. True when the connections were looked at: every so often.
  bool tick();

  // Ends all of them, a part at each tick within that time.
  void drain(std::chrono::milliseconds spread);

  // See TransportEndpoint.
  void drop_slow(std::size_t bytes);
  void end_if(const std::function<bool(const http::Principal&)>& may_not_stay);
  void abort();

  runtime::Shard& shard;
  std::unordered_set<std::shared_ptr<TransportConnection>> transports;

 private:
  base::SteadyTime ticked_at_{};
  std::vector<std::weak_ptr<TransportConnection>> to_drain_;
  std::size_t drain_step_ = 0;  // at each tick of the shard
};

}  // namespace signalr
