// The findings of `doctor`: one sentence each, and advice where all is not well.
//
// The checks look and change nothing. Checks of servers block, each call for a few seconds at most; a server that is
// down gives a finding, not an error. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/kafka/operators/inspect.h"
#include "config/settings.h"

namespace message_service::service {

enum class Verdict {
  well,
  hint,   // works, and could be better
  wrong,  // a promise is not kept, or soon will not be
};

struct Finding {
  std::string area;  // "kafka", "mongodb", "machine", …
  Verdict verdict = Verdict::well;
  std::string text;
  std::string advice;  // empty when all is well
};

using Findings = std::vector<Finding>;

inline constexpr std::chrono::milliseconds kDoctorPatience{3000};

// The findings from the configuration alone.
Findings check_configuration(const config::Settings& settings);

Findings check_machine(const config::Settings& settings);
Findings check_data_folder(const config::Settings& settings);
Findings check_kafka(const config::Settings& settings);
Findings check_mongodb(const config::Settings& settings);

// The judging part of check_kafka().
Findings judge_kafka(const kafka::ClusterReport& report, const config::Settings& settings);

}  // namespace message_service::service
