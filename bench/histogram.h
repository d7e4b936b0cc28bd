// Latencies in nanoseconds, counted in log-linear buckets: every value is kept to three significant digits, from 1 ns
// to 137 s (longer ones count as 137 s). A value; one thread. Recording never allocates; histograms of several threads
// are merged.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace message_service::bench {

class Histogram {
 public:
  static constexpr std::uint64_t highest_ns = (std::uint64_t{1} << 37) - 1;

  Histogram() : counts_(bucket_of(highest_ns) + 1) {}

  void record(std::uint64_t value_ns) {
    value_ns = std::min(value_ns, highest_ns);
    ++counts_[bucket_of(value_ns)];
    ++count_;
    max_ns_ = std::max(max_ns_, value_ns);
  }

  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t max_ns() const { return max_ns_; }

  // The smallest kept value that at least this share (0 to 1) of the records do not exceed; 0 without records.
  std::uint64_t value_at_ns(double share) const;

 private:
  // Values below 2048 have a bucket each; above, every doubling of the value is cut into 1024 equal buckets.
  static constexpr int fine_bits = 11;
  static constexpr std::size_t buckets_per_doubling = 1024;

  static constexpr std::size_t bucket_of(std::uint64_t value) {
    const int shift = std::max(static_cast<int>(std::bit_width(value)) - fine_bits, 0);
    return static_cast<std::size_t>(shift) * buckets_per_doubling + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t highest_in(std::size_t bucket);

  std::vector<std::uint32_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace message_service::bench
