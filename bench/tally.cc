#include "bench/tally.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace message_service::bench {

void Tally::merge(const Tally& other) {
  latency.merge(other.latency);
  unsent += other.unsent;
  std::transform(failures_.begin(), failures_.end(), other.failures_.begin(), failures_.begin(), std::plus<>());
  std::transform(statuses_.begin(), statuses_.end(), other.statuses_.begin(), statuses_.begin(), std::plus<>());
}

std::uint64_t Tally::errors() const {
  return std::accumulate(failures_.begin(), failures_.end(), std::uint64_t{0}) +
         std::accumulate(statuses_.begin(), statuses_.end(), std::uint64_t{0});
}

std::vector<std::pair<std::string, std::uint64_t>> Tally::errors_by_kind() const {
  static constexpr std::array<const char*, failure_kinds> names{"connect", "reset", "timeout", "malformed"};
  std::vector<std::pair<std::string, std::uint64_t>> found;
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    if (failures_[kind] > 0) found.emplace_back(names[kind], failures_[kind]);
  }
  for (std::size_t status = 0; status < statuses_.size(); ++status) {
    if (statuses_[status] > 0) found.emplace_back("status " + std::to_string(status), statuses_[status]);
  }
  return found;
}

}  // namespace message_service::bench
