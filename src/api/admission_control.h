// Passes a draft from a transport into the pipeline and the answer back, within PublishTimeoutMs. Refuses drafts that
// have waited too long for their turn, before any work on them.
//
// One for the process; called on any shard, with that shard.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "access/rate_limits.h"
#include "base/bounds.h"
#include "observe/metrics.h"
#include "pipeline/accept/ingress.h"
#include "runtime/shard.h"

namespace message_service::api {

class AdmissionControl {
 public:
  struct Options {
    std::chrono::milliseconds publish_timeout = std::chrono::seconds(5);
    std::chrono::milliseconds queue_wait_max = std::chrono::milliseconds(100);
    static constexpr base::Bounds<std::chrono::milliseconds> queue_wait_bounds{std::chrono::milliseconds(20),
                                                                               std::chrono::minutes(1)};
    const std::atomic<bool>* memory_short = nullptr;  // while true, every draft is refused; null: never
    std::size_t batch = 1000;                         // taken after a calm, however long its messages have waited
  };

  // `limits` outlives it.
  AdmissionControl(Ingress& ingress, access::RateLimits& limits, Metrics& metrics, const runtime::Shards& shards,
                   const Options& options);

  // Whether a draft that arrives now must be refused. Call before accept(), and if possible before the body is read.
  // Counts its refusals.
  std::optional<base::Error> refusal(runtime::Shard& shard, base::SteadyTime now);

  // Whether the caller has sent too much lately. A repetition of a key that this node knows counts once, and is never
  // refused here.
  std::optional<access::Limited> above_limit(const access::SharedIdentity& caller, const Draft& draft);

  // Await at once, on the shard. When the time is over the outcome is `unknown`: the message may yet be in the log.
  runtime::Awaitable<IngressOutcome> accept(runtime::Shard& shard, Draft&& draft);

  // Whether the outcome is the refusal of a conversation with a long backlog. Such an answer waits for kSlowDown: a
  // client that tries again at once would take the cores from the senders to other conversations.
  static bool is_to_slow_down(const IngressOutcome& outcome);

  // Call for each outcome, when it is known.
  void count(const IngressOutcome& outcome, base::SteadyTime started) const;

 private:
  // The turns of one shard; apart from those of other shards in memory.
  struct alignas(64) Turns {
    std::uint64_t taken = 0;
    base::SteadyTime taken_at{};  // of the last draft that was taken
    base::SteadyTime late_at{};   // of the last draft that had waited too long
    std::size_t batch_left = 0;   // of the batch that is taken however long it has waited
  };
  bool has_waited_too_long(runtime::Shard& shard, base::SteadyTime now);

  Ingress& ingress_;
  access::RateLimits& limits_;
  Metrics& metrics_;
  const Options options_;
  const telemetry::Counter refused_for_wait_;
  const telemetry::Counter refused_for_memory_;
  std::vector<Turns> turns_;  // by shard index
};

}  // namespace message_service::api
