#include "service/memory_guard.h"

#include <string>
#include <utility>

#include "logging/rare_line.h"
#include "telemetry/memory_use.h"

namespace message_service::service {

namespace {

// Shares of the cap, in percent.
constexpr std::uint64_t kUnopenedFrom = 75;
constexpr std::uint64_t kIdleFrom = 80;
constexpr std::uint64_t kCachesFrom = 84;
constexpr std::uint64_t kSlowQueuesFrom = 88;
constexpr std::uint64_t kRefusedFrom = 92;
constexpr std::uint64_t kRefusedUntil = 88;

constexpr auto kReturnInterval = std::chrono::seconds(1);

constexpr std::uint64_t kBytesInMiB = std::uint64_t{1} << 20;

}  // namespace

std::uint64_t memory_limit(const config::Process& process) {
  if (process.memory_bytes_max > 0) return process.memory_bytes_max;
  return telemetry::memory_available(process.cgroup_root) / 4 * 3;
}

MemoryGuard::MemoryGuard(std::uint64_t limit_bytes, Steps steps, const Metrics& metrics)
    : limit_bytes_(limit_bytes), used_(metrics.memory_used) {
  metrics.memory_limit.set(static_cast<double>(limit_bytes));
  const auto add = [&](std::uint64_t percent, const char* name, Step step) {
    stages_.push_back({limit_bytes / 100 * percent, std::move(step), metrics.memory_shed.with(name)});
  };
  add(kUnopenedFrom, "unopened", std::move(steps.unopened));
  add(kIdleFrom, "idle", std::move(steps.idle));
  add(kCachesFrom, "caches", std::move(steps.caches));
  add(kSlowQueuesFrom, "slow-queues", std::move(steps.slow_queues));
}

void MemoryGuard::watch(base::SteadyTime now, const std::function<void()>& return_free) {
  const std::uint64_t used = telemetry::memory_in_use();
  if (used < stages_.front().from_bytes || now - returned_at_ < kReturnInterval) return sample(used);
  returned_at_ = now;
  return_free();
}

void MemoryGuard::sample(std::uint64_t used_bytes) {
  used_.set(static_cast<double>(used_bytes));
  for (const Stage& stage : stages_) {
    if (used_bytes >= stage.from_bytes) stage.step(stage.dropped);
  }
  const std::uint64_t refused_at = limit_bytes_ / 100 * (short_ ? kRefusedUntil : kRefusedFrom);
  const bool is_short = used_bytes >= refused_at;
  if (is_short && !short_) {
    static logging::RareLine line(logging::Level::warning);
    line.write("Memory is short: " + std::to_string(used_bytes / kBytesInMiB) + " MiB of Limits:MemoryBytes, " +
               std::to_string(limit_bytes_ / kBytesInMiB) +
               " MiB, are in use; messages are refused until there is room");
  }
  short_ = is_short;
}

}  // namespace message_service::service
