#include "api/admission_control.h"

#include <algorithm>
#include <utility>

#include "model/canary.h"
#include "model/no_conversation.h"
#include "runtime/await_callback.h"

namespace message_service::api {

namespace {

constexpr std::uint64_t kObservedOneOf = 16;  // the shards share the histogram, which costs each of them a cache line
constexpr auto kCalm = std::chrono::seconds(1);
constexpr std::size_t kTrickle = 128;  // one part in so many of a batch is taken late, for each length of the limit
constexpr std::string_view kQueueWait = "queue-wait";
constexpr std::string_view kMemory = "memory";
constexpr std::string_view kOverload = "overload";

}  // namespace

AdmissionControl::AdmissionControl(Ingress& ingress, access::RateLimits& limits, Metrics& metrics,
                                   const runtime::Shards& shards, const Options& options)
    : ingress_(ingress),
      limits_(limits),
      metrics_(metrics),
      options_(options),
      refused_for_wait_(metrics.refused.with(kQueueWait)),
      refused_for_memory_(metrics.refused.with(kMemory)),
      turns_(shards.size()) {}

std::optional<base::Error> AdmissionControl::refusal(runtime::Shard& shard, base::SteadyTime now) {
  const bool memory_short = options_.memory_short != nullptr && options_.memory_short->load(std::memory_order_relaxed);
  if (!memory_short && !has_waited_too_long(shard, now)) return std::nullopt;
  metrics_.publish_total.refused.increment();
  if (memory_short) {
    refused_for_memory_.increment();
    return base::Error{base::ErrorCode::refused, "the service is short of memory", kMemory};
  }
  refused_for_wait_.increment();
  return base::Error{base::ErrorCode::refused, "the request has waited too long for its turn", kQueueWait};
}

// After a calm a batch passes: a burst, or the drafts that arrived while the process stood still. When even refusals
// take so long that no draft is taken any more, a few drafts follow now and then: work goes on, and hardly any accepted
// draft is late.
bool AdmissionControl::has_waited_too_long(runtime::Shard& shard, base::SteadyTime now) {
  Turns& turns = turns_[shard.index()];
  const base::SteadyClock::duration wait = shard.turns().wait(now);
  if (wait > options_.queue_wait_max) {
    const base::SteadyTime late_before = std::exchange(turns.late_at, now);
    if (now - late_before > kCalm) {
      turns.batch_left = options_.batch;
    } else if (turns.batch_left == 0 && now - turns.taken_at > options_.queue_wait_max) {
      turns.batch_left = std::max(options_.batch / kTrickle, std::size_t{1});
    }
    if (turns.batch_left == 0) return true;
    --turns.batch_left;
  }
  turns.taken_at = now;
  if (++turns.taken % kObservedOneOf == 0) {
    metrics_.queue_wait.observe(std::chrono::duration<double>(wait).count());
  }
  return false;
}

std::optional<access::Limited> AdmissionControl::above_limit(const access::SharedIdentity& caller, const Draft& draft) {
  if (!caller) return std::nullopt;
  const auto& key = draft.temporary_message_id ? draft.temporary_message_id : draft.idempotency_key;
  if (key && ingress_.knows(draft.conversation_id, *key)) return std::nullopt;
  return limits_.take_send(caller, draft.conversation_id);
}

// No coroutine of its own: each one costs an allocation for each request.
runtime::Awaitable<IngressOutcome> AdmissionControl::accept(runtime::Shard& shard, Draft&& draft) {
  const auto start = [this, &draft](auto done) {
    // Without sign-in nobody else has asked.
    if (is_canary(draft.conversation_id)) return done(IngressOutcome(no_conversation()));
    ingress_.accept(std::move(draft), std::move(done));
  };
  const auto late = [] {
    const char* text = "the log did not answer in time; the same key may be sent again";
    return IngressOutcome(base::Error{base::ErrorCode::unknown, text});
  };
  return runtime::await_callback<IngressOutcome>(shard, start, options_.publish_timeout, late);
}

bool AdmissionControl::is_to_slow_down(const IngressOutcome& outcome) {
  const auto* error = std::get_if<base::Error>(&outcome);
  return error != nullptr && error->reason == ConversationBacklog::kReason;
}

void AdmissionControl::count(const IngressOutcome& outcome, base::SteadyTime started) const {
  if (std::holds_alternative<Accepted>(outcome) || std::holds_alternative<StoredNow>(outcome)) {
    metrics_.publish_total.ok.increment();
    metrics_.publish_duration.observe(base::seconds_between(started, base::SteadyClock::now()));
  } else if (const auto* error = std::get_if<base::Error>(&outcome)) {
    if (error->code == base::ErrorCode::refused) {
      metrics_.publish_total.refused.increment();
      metrics_.refused.with(error->reason.empty() ? kOverload : error->reason).increment();
    }
    if (error->code == base::ErrorCode::unknown) metrics_.publish_total.unknown.increment();
  }
}

}  // namespace message_service::api
