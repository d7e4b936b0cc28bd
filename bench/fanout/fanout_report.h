// A fan-out's results in a form for people and in a form for machines. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "bench/fanout/fanout_leg.h"

namespace message_service::bench {

struct FanoutRuns {
  std::vector<FanoutResult> hub;   // one a round
  std::vector<FanoutResult> bare;  // the same without a hub, if compared
  std::vector<FanoutResult> calm;  // the same without the stuck clients, if compared

  // Ratios of the medians: hub to bare loop, and with the stuck clients to without them.
  std::optional<double> cpu_ratio() const;
  std::optional<double> p99_ratio() const;
};

std::string fanout_table(const FanoutRuns& runs);
boost::json::object fanout_json(const FanoutRuns& runs, const FanoutLoad& load);

}  // namespace message_service::bench
