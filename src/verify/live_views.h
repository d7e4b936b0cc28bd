// What a running node says of its clients' views: the answer of GET /admin/views. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client/client.h"

namespace message_service::verify {

struct LiveMismatch {
  std::uint64_t number = 0;
  std::string json;  // as the node wrote it
  std::string text;  // for people
};

struct LiveViews {
  std::string since;
  std::uint64_t clients = 0, conversations = 0, reports = 0, messages = 0, mismatches = 0, waiting = 0;
  std::vector<LiveMismatch> last;
};

// Blocks. `forbidden`: the token is no operator's. `unavailable`: no answer, or none that can be read.
base::Result<LiveViews> ask_views(http::Client& client);

}  // namespace message_service::verify
