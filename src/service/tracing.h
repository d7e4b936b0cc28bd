// Traces as a part of the service: the spans of its messages, and the exporter that sends them. Without an endpoint
// there is no exporter, no thread and no span.
//
// The service makes it before the parts that make spans, and stops it when they have stopped.
#pragma once

#include <memory>

#include "base/clock.h"
#include "config/settings.h"
#include "observe/message_traces.h"
#include "observe/metrics.h"
#include "otlp/exporter.h"

namespace message_service::service {

class Tracing {
 public:
  // `metrics` outlives it.
  Tracing(const config::Settings& settings, const Metrics& metrics);
  ~Tracing();

  const MessageTraces& messages() const { return messages_; }

  // Sends the spans that wait until then, and a moment longer where that time is over.
  void stop(base::SteadyTime deadline);

 private:
  class Observer;
  std::unique_ptr<Observer> observer_;        // null: nothing is traced
  std::unique_ptr<otlp::Exporter> exporter_;  // the same
  const MessageTraces messages_;
};

}  // namespace message_service::service
