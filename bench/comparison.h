// The results of a comparison for one number of connections: every run, medians, ratios. Values; the report's texts are
// pure functions of them.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/leg.h"

namespace message_service::bench {

// Returns nothing for no values, and the mean of the middle two for an even number of values.
std::optional<double> median(std::vector<double> values);

struct Comparison {
  using Figure = std::function<std::optional<double>(const LegResult&)>;

  std::uint32_t connections = 0;
  std::array<std::vector<LegResult>, all_legs.size()> runs;  // by LegKind, one for each round

  const std::vector<LegResult>& of(LegKind kind) const { return runs[static_cast<std::size_t>(kind)]; }
  std::vector<double> values(LegKind kind, const Figure& figure) const;
  std::optional<double> median_of(LegKind kind, const Figure& figure) const { return median(values(kind, figure)); }
  // The ratio of the median rates.
  std::optional<double> rate_ratio(LegKind numerator, LegKind denominator) const;
};

std::string comparison_table(const Comparison& comparison);
boost::json::object comparison_json(const Comparison& comparison);

}  // namespace message_service::bench
