// The spans of a message's way, with their names and attributes, which are OpenTelemetry's semantic conventions for
// messaging and databases: they are in message_traces.cc only. The spans of the requests that bring messages are in
// api/request_span.h.
//
//   request ─► send requested ─► send sent                      one trace, across nodes and the log
//                            └─► ReceiveMessage
//   process batch ─► write to the store                         linked to the messages of the batch
//
// The process has one, from service/tracing.h; any thread. While traces are off, or the message is not sampled, each
// call returns an empty span at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "tracing/tracer.h"

namespace message_service {

// For error.type.
std::string_view error_type(const base::Error& error);

class MessageTraces {
 public:
  // Of the log and the store that the configuration has chosen.
  struct Names {
    std::string messaging_system;
    std::string requested_topic;
    std::string sent_topic;
    std::string consumer_group;  // empty: there is none
    std::string db_system;
    std::string db_namespace;   // empty: there is none
    std::string db_collection;  // the same
    std::string_view db_operation;
    std::string_view db_span;  // a literal
    tracing::SpanKind db_kind = tracing::SpanKind::client;
  };
  using MessageId = std::array<std::uint8_t, 12>;

  MessageTraces() = default;  // off
  MessageTraces(const tracing::Tracer& tracer, Names names) : tracer_(tracer), names_(std::move(names)) {}
  static const MessageTraces& off();

  bool are_on() const { return tracer_.is_on(); }
  const tracing::Tracer& tracer() const { return tracer_; }

  // A message whose record will be appended: changes the traceparent of the request to that of the append, and returns
  // the request's span, for start_send(). Zeros when it is not sampled: the traceparent stays.
  tracing::SpanId reserve_send(std::string& traceparent) const;

  // The append of the record of a message with that traceparent.
  tracing::Span start_send(std::string_view traceparent, const tracing::SpanId& request, std::string_view message_id,
                           std::string_view correlation_id) const;
  static void sent_to(tracing::Span& span, std::int32_t partition, std::int64_t offset);

  // A batch of so many records; link the sampled ones. `only`: the traceparent of a batch of one, whose trace it joins.
  tracing::Span start_batch(std::size_t records, std::string_view only) const;
  tracing::Span start_store_write(const tracing::Span& batch, std::size_t records) const;

  // The event of a stored message, which was on its way from `started_ns` to now.
  void announced(std::string_view traceparent, const tracing::Span& batch, std::int64_t started_ns,
                 std::string_view message_id) const;

  // The delivery of a message to the hub's clients. `traceparent`: as the event has it.
  tracing::Span start_delivery(const MessageId& id, std::string_view traceparent) const;

 private:
  tracing::Span start_event(const tracing::TraceContext& message, std::string_view name, tracing::SpanKind kind) const;

  tracing::Tracer tracer_;
  Names names_{};
};

}  // namespace message_service
