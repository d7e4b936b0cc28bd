#include "signalr/connection/shard_connections.h"

#include <algorithm>
#include <cstdint>

namespace signalr {

namespace {

constexpr auto kTickInterval = std::chrono::seconds(1);
constexpr std::size_t kDrainedAtOnce = 16;

void let_go(TransportConnection& transport) {
  transport.user() != nullptr ? transport.user()->let_go() : transport.close();
}

}  // namespace

bool ShardConnections::tick() {
  for (std::size_t n = std::min(drain_step_, to_drain_.size()); n > 0; --n) {
    const auto transport = to_drain_.back().lock();
    to_drain_.pop_back();
    if (!transport) continue;
    transport->user() != nullptr ? transport->user()->drain() : transport->close();
  }
  const base::SteadyTime now = shard.now();
  if (now - ticked_at_ < kTickInterval) return false;
  ticked_at_ = now;
  const base::Timestamp wall_now = base::wall_now();
  for (const auto& transport : transports) {
    transport->tick(now);
    if (transport->user() != nullptr) transport->user()->tick(now);
    if (transport->token_times().expires_at.value_or(INT64_MAX) <= wall_now) let_go(*transport);
  }
  return true;
}

void ShardConnections::drain(std::chrono::milliseconds spread) {
  to_drain_.assign(transports.begin(), transports.end());
  const auto ticks = static_cast<std::size_t>(std::max<std::int64_t>(1, spread / runtime::Shard::kTick));
  drain_step_ = std::max(kDrainedAtOnce, to_drain_.size() / ticks + 1);
}

void ShardConnections::drop_slow(std::size_t bytes) {
  for (const auto& transport : transports) {
    if (transport->user() != nullptr) transport->user()->shed(bytes);
  }
}

void ShardConnections::end_if(const std::function<bool(const http::Principal&)>& may_not_stay) {
  for (const auto& transport : transports) {
    const auto& principal = transport->opening().principal;
    if (principal && may_not_stay(*principal)) let_go(*transport);
  }
}

void ShardConnections::abort() {
  for (const auto& transport : transports) transport->abort();
}

}  // namespace signalr
