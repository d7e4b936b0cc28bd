// A run's counts: latencies of the measured window, and all failures of the whole run. A value; each worker thread
// fills its own tally, and the run merges them at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/histogram.h"

namespace message_service::bench {

enum class Failure : std::size_t { connect, reset, timeout, malformed };
constexpr std::size_t failure_kinds = 4;

class Tally {
 public:
  // Latencies of requests whose intended time lies in the measured window: requests answered as expected, and requests
  // that were due but never sent, with the time that they had waited when the load ended.
  Histogram latency;
  std::uint64_t unsent = 0;

  void count(Failure failure) { ++failures_[static_cast<std::size_t>(failure)]; }
  void count_unexpected_status(std::uint16_t status) { ++statuses_[status % statuses_.size()]; }

  void merge(const Tally& other);
  std::uint64_t errors() const;
  // The errors that occurred, by name: "connect", "reset", "timeout", "malformed", "status 503".
  std::vector<std::pair<std::string, std::uint64_t>> errors_by_kind() const;

 private:
  std::array<std::uint64_t, failure_kinds> failures_{};
  std::array<std::uint64_t, 600> statuses_{};
};

}  // namespace message_service::bench
