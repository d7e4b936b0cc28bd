// What a request is answered that cannot be read: a literal text, the same for each such request.
#pragma once

#include <string>

namespace http {

struct Refusal {
  unsigned status = 0;  // 0: there is none
  std::string detail;
};

}  // namespace http
