// Faults for people and programs: with the keys that their lines name. Pure functions but for reading the lines.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "verify/history_files.h"
#include "verify/report.h"

namespace message_service::verify {

struct ExplainedFault {
  FaultKind kind;
  std::string conversation_id;
  std::string key;
  std::string detail;
  std::string where;  // "FILE:LINE"
};

// Reads the lines of the report's faults again. A fault that rests on two keys which only look alike as hashes is taken
// out of the report.
base::Result<std::vector<ExplainedFault>> explain(Report& report, const HistoryFiles& files);

// The counts on one line, and the first few faults below it.
std::string report_text(const Report& report, const std::vector<ExplainedFault>& faults);
std::string report_json(const Report& report, const std::vector<ExplainedFault>& faults);

}  // namespace message_service::verify
