#include "bench/histogram.h"

#include <cmath>

namespace message_service::bench {

void Histogram::merge(const Histogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(), std::plus<>());
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  max_ns_ = 0;
}

std::uint64_t Histogram::value_at_ns(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen > 0 && seen >= wanted) return std::min(highest_in(bucket), max_ns_);
  }
  return max_ns_;
}

std::uint64_t Histogram::highest_in(std::size_t bucket) {
  if (bucket < 2 * buckets_per_doubling) return bucket;
  const std::size_t shift = bucket / buckets_per_doubling - 1;
  const std::uint64_t within = bucket - shift * buckets_per_doubling;
  return ((within + 1) << shift) - 1;
}

}  // namespace message_service::bench
