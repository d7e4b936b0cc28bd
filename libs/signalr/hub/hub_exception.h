// A hub method throws this to fail with a text that the caller may read. The text of any other exception is sent only
// where details are allowed.
#pragma once

#include <stdexcept>

namespace signalr {

class HubException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace signalr
