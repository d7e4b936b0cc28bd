// Starts spans. A tracer without a sink is off: it starts none, and callers ask is_on() before they do any work for
// one. A value; any thread. The sink outlives the tracer and its spans.
#pragma once

#include <string>
#include <string_view>

#include "tracing/sampler.h"
#include "tracing/span.h"

namespace tracing {

class Tracer {
 public:
  Tracer() = default;
  Tracer(const Sampler& sampler, SpanSink& sink) : sampler_(sampler), sink_(&sink) {}

  bool is_on() const { return sink_ != nullptr; }

  // Work that somebody outside has asked for, with the caller's traceparent, which may be empty or wrong. Here the
  // sampler decides.
  struct Entry {
    Span span{};
    std::string traceparent{};  // to pass on; empty: the caller's own, if there was one, stays right
  };
  Entry enter(std::string_view traceparent, std::string_view name, SpanKind kind) const;

  // A part of work that is recorded. Empty when the parent is not sampled.
  Span start_child(const TraceContext& parent, std::string_view name, SpanKind kind) const;

  // Work that begins a trace and is recorded.
  Span start_root(std::string_view name, SpanKind kind) const;

  // A span whose own ids were given out before it began.
  Span start(const TraceContext& own, const SpanId& parent, std::string_view name, SpanKind kind) const;

 private:
  Sampler sampler_;
  SpanSink* sink_ = nullptr;
};

}  // namespace tracing
