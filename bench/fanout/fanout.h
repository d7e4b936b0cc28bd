// `message-service bench fanout`: sends one message to many clients, and measures the cost of a delivery and of a
// client. With --compare it alternates with a bare loop of `write` over the same clients, or with runs without the
// stuck clients. Blocks its caller; prints tables on stdout, progress and mistakes on stderr. Returns the exit code: 0
// all was delivered, 1 failed, 2 wrong options.
#pragma once

#include <string>
#include <vector>

#include "bench/fanout/fanout_leg.h"
#include "bench/programs.h"

namespace message_service::bench {

struct FanoutOptions {
  FanoutLoad load;
  std::string url;  // empty: a server of its own
  std::string owned_host;
  bool compare = false;
  std::uint32_t rounds = 3;
  std::string server_program = service_program();
  std::string temp_folder;
  std::string json_file;
};

// All mistakes, one line each, with the option's name.
std::vector<std::string> mistakes_in(const FanoutOptions& options);

int run_fanout(const FanoutOptions& options);

}  // namespace message_service::bench
