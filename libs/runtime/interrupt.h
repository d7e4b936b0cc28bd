// While the guard lives, Ctrl-C and SIGTERM set a flag that loops check. A second signal of the same kind ends the
// process at once.
#pragma once

#include <chrono>
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

// Waits; false when a signal asked for the end meanwhile.
bool wait_unless_interrupted(std::chrono::duration<double> time);

}  // namespace runtime
