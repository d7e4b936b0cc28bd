// The way of a draft from a transport into the pipeline and of the answer back, within PublishTimeoutMs.
//
// One for the process; accept() is awaited on any shard.
#pragma once

#include <chrono>

#include "observe/metrics.h"
#include "pipeline/ingress/ingress.h"
#include "runtime/executors/shard.h"

namespace message_service::api {

class Intake {
 public:
  Intake(Ingress& ingress, Metrics& metrics, std::chrono::milliseconds publish_timeout);

  // To be awaited at once, on the shard. When the time is over the outcome is `unknown`: the message may yet be in the
  // log.
  Awaitable<IngressOutcome> accept(Shard& shard, Draft&& draft);

  // Of each outcome, when it is there.
  void count(const IngressOutcome& outcome, SteadyTime started) const;

 private:
  Ingress& ingress_;
  Metrics& metrics_;
  const std::chrono::milliseconds publish_timeout_;
};

}  // namespace message_service::api
