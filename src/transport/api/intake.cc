#include "transport/api/intake.h"

#include <utility>

#include "runtime/executors/await_callback.h"

namespace message_service::api {

Intake::Intake(Ingress& ingress, Metrics& metrics, std::chrono::milliseconds publish_timeout)
    : ingress_(ingress), metrics_(metrics), publish_timeout_(publish_timeout) {}

// No coroutine of its own: each one costs an allocation a request.
Awaitable<IngressOutcome> Intake::accept(Shard& shard, Draft&& draft) {
  const auto start = [this, &draft](auto done) { ingress_.accept(std::move(draft), std::move(done)); };
  const auto late = [] {
    const char* text = "the log did not answer in time; the same key may be sent again";
    return IngressOutcome(Error{ErrorCode::unknown, text});
  };
  return await_callback<IngressOutcome>(shard, start, publish_timeout_, late);
}

void Intake::count(const IngressOutcome& outcome, SteadyTime started) const {
  if (std::holds_alternative<Accepted>(outcome) || std::holds_alternative<StoredNow>(outcome)) {
    metrics_.publish_total.ok.increment();
    metrics_.publish_duration.observe(seconds_between(started, SteadyClock::now()));
  } else if (const auto* error = std::get_if<Error>(&outcome)) {
    if (error->code == ErrorCode::refused) {
      metrics_.publish_total.refused.increment();
      metrics_.refused.with("overload").increment();
    }
    if (error->code == ErrorCode::unknown) metrics_.publish_total.unknown.increment();
  }
}

}  // namespace message_service::api
