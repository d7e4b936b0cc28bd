// A fan-out's results as people and as machines read them. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "bench/fanout/fanout_leg.h"

namespace message_service::bench {

struct FanoutRuns {
  std::vector<FanoutResult> hub, bare;  // one a round; no bare ones without a comparison

  // Of the medians.
  std::optional<double> cpu_ratio() const;
};

std::string fanout_table(const FanoutRuns& runs, const FanoutLoad& load);
boost::json::object fanout_json(const FanoutRuns& runs, const FanoutLoad& load);

}  // namespace message_service::bench
