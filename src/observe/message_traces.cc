#include "observe/message_traces.h"

#include <optional>

#include "base/hex.h"

namespace message_service {

namespace {

using tracing::Span;
using tracing::SpanKind;
using tracing::TraceContext;

constexpr std::string_view kSystem = "messaging.system";
constexpr std::string_view kOperation = "messaging.operation.name";
constexpr std::string_view kOperationType = "messaging.operation.type";
constexpr std::string_view kDestination = "messaging.destination.name";
constexpr std::string_view kPartition = "messaging.destination.partition.id";
constexpr std::string_view kOffset = "messaging.kafka.offset";
constexpr std::string_view kGroup = "messaging.consumer.group.name";
constexpr std::string_view kMessageId = "messaging.message.id";
constexpr std::string_view kCorrelationId = "messaging.message.conversation_id";  // OpenTelemetry's name for it
constexpr std::string_view kBatchCount = "messaging.batch.message_count";

}  // namespace

std::string_view error_type(const base::Error& error) {
  using enum base::ErrorCode;
  switch (error.code) {
    case invalid:
      return "invalid";
    case forbidden:
      return "forbidden";
    case not_found:
      return "not_found";
    case conflict:
      return "conflict";
    case refused:
      return "refused";
    case unknown:
      return "unknown";
    case corrupt:
      return "corrupt";
    case unavailable:
      break;
  }
  return "unavailable";
}

const MessageTraces& MessageTraces::off() {
  static const MessageTraces none;
  return none;
}

tracing::SpanId MessageTraces::reserve_send(std::string& traceparent) const {
  if (!are_on() || !tracing::is_sampled(traceparent)) return {};
  const auto request = TraceContext::parse(traceparent);
  if (!request) return {};
  traceparent = request->child().to_traceparent();
  return request->span_id;
}

Span MessageTraces::start_send(std::string_view traceparent, const tracing::SpanId& request,
                               std::string_view message_id, std::string_view correlation_id) const {
  if (request == tracing::SpanId{}) return {};
  const auto own = TraceContext::parse(traceparent);
  if (!own) return {};
  Span span = tracer_.start(*own, request, "send SendMessageRequestedEvent", SpanKind::producer);
  span.set(kSystem, names_.messaging_system)
      .set(kDestination, names_.requested_topic)
      .set(kOperation, "send")
      .set(kOperationType, "send")
      .set(kMessageId, message_id)
      .set(kCorrelationId, correlation_id);
  return span;
}

void MessageTraces::sent_to(Span& span, std::int32_t partition, std::int64_t offset) {
  if (!span) return;
  span.set(kPartition, std::to_string(partition)).set(kOffset, offset);
}

Span MessageTraces::start_batch(std::size_t records, std::string_view only) const {
  constexpr std::string_view name = "process SendMessageRequestedEvent";
  const auto message = TraceContext::parse(only);
  Span span =
      message ? tracer_.start_child(*message, name, SpanKind::consumer) : tracer_.start_root(name, SpanKind::consumer);
  span.set(kSystem, names_.messaging_system)
      .set(kDestination, names_.requested_topic)
      .set(kOperation, "process")
      .set(kOperationType, "process")
      .set(kGroup, names_.consumer_group)
      .set(kBatchCount, static_cast<std::int64_t>(records));
  return span;
}

Span MessageTraces::start_store_write(const Span& batch, std::size_t records) const {
  if (!batch) return {};
  Span span = tracer_.start_child(batch.context(), names_.db_span, names_.db_kind);
  span.set("db.system.name", names_.db_system)
      .set("db.namespace", names_.db_namespace)
      .set("db.collection.name", names_.db_collection)
      .set("db.operation.name", names_.db_operation);
  if (records > 1) span.set("db.operation.batch.size", static_cast<std::int64_t>(records));  // a batch has two or more
  return span;
}

Span MessageTraces::start_event(const TraceContext& message, std::string_view name, SpanKind kind) const {
  Span span = tracer_.start_child(message, name, kind);
  span.set(kSystem, names_.messaging_system).set(kDestination, names_.sent_topic);
  return span;
}

void MessageTraces::announced(std::string_view traceparent, const Span& batch, std::int64_t started_ns,
                              std::string_view message_id) const {
  const auto message = TraceContext::parse(traceparent);
  if (!batch || !message) return;
  Span span = start_event(*message, "send MessageSentEvent", SpanKind::producer);
  span.begin_at(started_ns);
  span.set(kOperation, "send").set(kOperationType, "send").set(kMessageId, message_id);
  span.link(batch.context());
}

Span MessageTraces::start_delivery(const MessageId& id, std::string_view traceparent) const {
  if (!are_on() || !tracing::is_sampled(traceparent)) return {};
  const auto message = TraceContext::parse(traceparent);
  if (!message) return {};
  Span span = start_event(*message, "ReceiveMessage", SpanKind::consumer);
  span.set(kOperation, "ReceiveMessage").set(kOperationType, "process").set(kMessageId, base::to_hex(id));
  return span;
}

}  // namespace message_service
