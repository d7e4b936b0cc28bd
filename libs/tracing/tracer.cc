#include "tracing/tracer.h"

#include <optional>

namespace tracing {

Tracer::Entry Tracer::enter(std::string_view traceparent, std::string_view name, SpanKind kind) const {
  if (!is_on()) return {};
  const std::optional<TraceContext> caller = TraceContext::parse(traceparent);
  if (!caller) {
    const TraceContext own = TraceContext::start();
    if (!sampler_.takes_root(own.trace_id)) return {};
    return {start(own, {}, name, kind), own.to_traceparent()};
  }
  if (sampler_.takes(*caller)) {
    TraceContext own = caller->child();
    own.flags = 1;
    return {start(own, caller->span_id, name, kind), own.to_traceparent()};
  }
  if (!caller->is_sampled()) return {};
  // The caller records its part of the trace and we do not: the next one must not expect our part.
  TraceContext onward = *caller;
  onward.flags = 0;
  return {{}, onward.to_traceparent()};
}

Span Tracer::start_child(const TraceContext& parent, std::string_view name, SpanKind kind) const {
  if (!is_on() || !parent.is_sampled()) return {};
  return start(parent.child(), parent.span_id, name, kind);
}

Span Tracer::start_root(std::string_view name, SpanKind kind) const {
  return is_on() ? start(TraceContext::start(), {}, name, kind) : Span();
}

Span Tracer::start(const TraceContext& own, const SpanId& parent, std::string_view name, SpanKind kind) const {
  if (!is_on()) return {};
  return {*sink_, {.context = own, .parent = parent, .name = name, .kind = kind, .started_ns = now_ns()}};
}

}  // namespace tracing
