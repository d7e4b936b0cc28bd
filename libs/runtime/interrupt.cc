#include "runtime/interrupt.h"

#include <thread>

#include "base/clock.h"

namespace runtime {
namespace {

constexpr auto kNap = std::chrono::milliseconds(50);

volatile std::sig_atomic_t signal_seen = 0;

void on_signal(int /*number*/) { signal_seen = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  signal_seen = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool interrupted() { return signal_seen != 0; }

bool wait_unless_interrupted(std::chrono::duration<double> time) {
  const auto end = base::SteadyClock::now() + std::chrono::duration_cast<base::SteadyClock::duration>(time);
  while (base::SteadyClock::now() < end && !interrupted()) std::this_thread::sleep_for(kNap);
  return !interrupted();
}

}  // namespace runtime
