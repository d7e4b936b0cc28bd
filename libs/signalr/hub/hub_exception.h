// How a hub method fails in words that the caller may read. Any other exception is told only where details are allowed.
#pragma once

#include <stdexcept>

namespace signalr {

class HubException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace signalr
