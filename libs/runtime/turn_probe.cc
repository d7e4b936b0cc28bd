#include "runtime/turn_probe.h"

#include <sys/eventfd.h>

namespace runtime {

namespace {

constexpr auto kInterval = std::chrono::milliseconds(5);

}  // namespace

TurnProbe::TurnProbe(const Executor& executor) : descriptor_(executor, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}

// The request that is handled now became ready after the last returned probe was sent: every descriptor before that
// probe has had its turn.
base::SteadyClock::duration TurnProbe::wait(base::SteadyTime now) {
  look_for_standstill(now);
  if (!on_its_way_ && now - sent_at_ >= kInterval) send(now);
  return on_its_way_ ? last_wait() + (now - sent_at_) : last_wait();
}

void TurnProbe::tick(base::SteadyTime now, base::SteadyClock::duration interval) {
  look_for_standstill(now);
  tick_due_at_ = now + interval;
}

// A standstill may begin while no probe is on its way; the shard then handles the requests that arrived during it next.
void TurnProbe::look_for_standstill(base::SteadyTime now) {
  if (on_its_way_ || now - kInterval <= tick_due_at_) return;
  last_wait_.store(now - tick_due_at_, std::memory_order_relaxed);
  send(now);
}

void TurnProbe::send(base::SteadyTime now) {
  sent_at_ = now;
  on_its_way_ = true;
  descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const ErrorCodeAsio& failed) {
    if (!failed) came_back();
  });
}

void TurnProbe::came_back() {
  const base::SteadyTime now = base::SteadyClock::now();
  on_its_way_ = false;
  last_wait_.store(now - sent_at_, std::memory_order_relaxed);
  if (now - sent_at_ >= kInterval) send(now);
}

}  // namespace runtime
