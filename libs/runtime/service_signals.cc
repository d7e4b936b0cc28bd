#include "runtime/service_signals.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "logging/logging.h"

namespace runtime {

namespace {

// A hung-up terminal cannot be opened any more.
bool has_terminal() {
  const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return false;
  ::close(terminal);
  return true;
}

}  // namespace

ServiceSignals::ServiceSignals() : had_terminal_(has_terminal()) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

SignalRequest ServiceSignals::wait() const {
  while (true) {
    int signal = 0;
    sigwait(&signals_, &signal);
    switch (signal) {
      case SIGHUP:
        return had_terminal_ && !has_terminal() ? SignalRequest::end : SignalRequest::reload;
      case SIGUSR1:
      case SIGUSR2:
        logging::warning(signal == SIGUSR1 ? "SIGUSR1 does nothing here: SIGHUP reloads, SIGTERM drains and ends"
                                           : "SIGUSR2 does nothing here: SIGHUP reloads, SIGTERM drains and ends");
        break;
      default:
        return SignalRequest::end;
    }
  }
}

}  // namespace runtime
