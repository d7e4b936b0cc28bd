#include "tracing/sampler.h"

#include <algorithm>

namespace tracing {

namespace {

// 63 bits, as OpenTelemetry's libraries for Go and Java compare them.
constexpr std::uint64_t bound_of_all = std::uint64_t{1} << 63;

}  // namespace

Sampler::Sampler(SamplerKind kind, double ratio)
    : kind_(kind),
      bound_(ratio >= 1 ? bound_of_all
                        : static_cast<std::uint64_t>(std::max(ratio, 0.0) * static_cast<double>(bound_of_all))) {}

bool Sampler::takes_root(const TraceId& trace_id) const {
  if (kind_ == SamplerKind::always_on || kind_ == SamplerKind::parent_always_on) return true;
  if (kind_ == SamplerKind::always_off || kind_ == SamplerKind::parent_always_off) return false;
  std::uint64_t low = 0;
  for (std::size_t i = 8; i < trace_id.size(); ++i) low = low << 8 | trace_id[i];
  return low >> 1 < bound_;
}

}  // namespace tracing
