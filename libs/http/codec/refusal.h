// The answer to a request that cannot be read: a fixed text, the same for each request with the same fault.
#pragma once

#include <string>

namespace http {

struct Refusal {
  unsigned status = 0;  // 0: there is none
  std::string detail;
};

}  // namespace http
