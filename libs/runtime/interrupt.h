// Ctrl-C and SIGTERM as a flag that loops look at, while the guard lives. A second signal ends the process at once.
#pragma once

#include <csignal>

namespace runtime {

class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_int_ {
  }, before_term_{};
};

bool interrupted();

}  // namespace runtime
