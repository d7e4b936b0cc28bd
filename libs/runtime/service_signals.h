// What people ask of a running service by signals, for its main thread. No signal that is sent by habit ends the
// process without draining it.
#pragma once

#include <csignal>

namespace runtime {

enum class SignalRequest {
  end,     // SIGTERM, SIGINT, SIGQUIT, or SIGHUP once the terminal is gone that the program was started in
  reload,  // SIGHUP
};

class ServiceSignals {
 public:
  // Construct before the program starts any other thread, so that only wait() sees the signals. Ignores SIGPIPE: a peer
  // that has closed its connection ends nothing.
  ServiceSignals();

  // Blocks until there is a request. Logs SIGUSR1 and SIGUSR2, which ask for nothing.
  SignalRequest wait() const;

 private:
  sigset_t signals_{};
  bool had_terminal_ = false;
};

}  // namespace runtime
