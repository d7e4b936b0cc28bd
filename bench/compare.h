// `message-service bench compare`: the same load on three ways to accept a message, each on a server of its own,
// started for the leg and stopped after it: the no-op route (the cost of HTTP alone), Synchronous (store first, then
// answer) and WriteBehind. The legs alternate over several rounds, so that the machine's noise affects all alike; the
// report has medians. Blocks its caller; returns the exit code as run_http does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load.h"
#include "bench/programs.h"

namespace message_service::bench {

struct CompareOptions {
  LoadOptions load;
  std::vector<std::uint32_t> connections{64};
  std::uint32_t rounds = 3;
  std::string server_program = service_program();
  std::string temp_folder;  // for the data folders; empty: the system's folder for temporary files
  std::string json_file;
};

std::vector<std::string> mistakes_in(const CompareOptions& options);

int run_compare(const CompareOptions& options);

}  // namespace message_service::bench
