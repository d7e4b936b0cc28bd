// A fan-out's results as people and as machines read them. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "bench/fanout/fanout_leg.h"

namespace message_service::bench {

struct FanoutRuns {
  std::vector<FanoutResult> hub;   // one a round
  std::vector<FanoutResult> bare;  // the same without a hub, where that is compared
  std::vector<FanoutResult> calm;  // the same without the stuck clients, where that is compared

  // Of the medians: hub to bare loop, and with the stuck clients to without.
  std::optional<double> cpu_ratio() const;
  std::optional<double> p99_ratio() const;
};

std::string fanout_table(const FanoutRuns& runs);
boost::json::object fanout_json(const FanoutRuns& runs, const FanoutLoad& load);

}  // namespace message_service::bench
