#include "pipeline/persist/batch_trace.h"

#include "base/hex.h"

namespace message_service {

BatchTrace::BatchTrace(const MessageTraces& traces, const Batch& batch) : traces_(traces), records_(batch.size()) {
  if (!traces.are_on()) return;
  for (const Batch::Item& item : batch.items) {
    const Message& message = item.message.message();
    if (!tracing::is_sampled(message.traceparent)) continue;
    if (!span_) span_ = traces.start_batch(records_, records_ == 1 ? message.traceparent : std::string_view());
    if (const auto context = tracing::TraceContext::parse(message.traceparent)) span_.link(*context);
  }
}

tracing::Span BatchTrace::start_store_write() {
  if (!span_) return {};
  announcing_since_ns_ = tracing::now_ns();
  return traces_.start_store_write(span_, records_);
}

void BatchTrace::publishing() {
  if (span_) announcing_since_ns_ = tracing::now_ns();
}

void BatchTrace::committed(const Committed& committed) {
  if (!span_) return;
  for (const Stored& stored : committed.stored) {
    const std::string& traceparent = stored.message().traceparent;
    if (!tracing::is_sampled(traceparent)) continue;
    traces_.announced(traceparent, span_, announcing_since_ns_, base::to_hex(stored.id()));
  }
  span_.end();
}

}  // namespace message_service
