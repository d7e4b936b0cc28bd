// Decides which traces are recorded, as OpenTelemetry's samplers of these names do. A value; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "tracing/trace_context.h"

namespace tracing {

enum class SamplerKind {
  always_on,
  always_off,
  ratio,
  parent_always_on,  // "parent": the caller's decision counts where there is a caller
  parent_always_off,
  parent_ratio,
};

class Sampler {
 public:
  // `ratio`: the share of the traces that the two ratio samplers take, from 0 to 1. It follows from the trace id alone,
  // so that every program with the same ratio takes the same traces.
  explicit Sampler(SamplerKind kind = SamplerKind::parent_always_on, double ratio = 1);

  // Whether to record the trace of this caller.
  bool takes(const TraceContext& caller) const {
    return is_parent_based() ? caller.is_sampled() : takes_root(caller.trace_id);
  }
  // Whether to record a trace that begins here.
  bool takes_root(const TraceId& trace_id) const;

 private:
  bool is_parent_based() const { return kind_ >= SamplerKind::parent_always_on; }

  SamplerKind kind_;
  std::uint64_t bound_;
};

}  // namespace tracing
