// Admits the calls of one client in the order of their arrival, no more than `at_once` at a time. On the shard's
// thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/waiters.h"

namespace signalr {

class CallLimiter {
 public:
  CallLimiter(const runtime::Executor& executor, std::size_t at_once) : waiters_(executor), free_(at_once) {}

  // Resumes when every earlier caller has its permit and one more is free.
  runtime::Awaitable<void> take() {
    const std::uint64_t ticket = asked_++;
    while (ticket != served_ || free_ == 0) co_await waiters_.wait();
    ++served_;
    --free_;
    if (free_ > 0) waiters_.wake_all();
  }

  void give_back() {
    ++free_;
    waiters_.wake_all();
  }

 private:
  runtime::Waiters waiters_;
  std::size_t free_;
  std::uint64_t asked_ = 0;   // calls of take() so far
  std::uint64_t served_ = 0;  // calls of take() that have resumed
};

// One call's permit, taken already. While the method waits for a client's answer, it lends the permit to other calls:
// the answer might arrive after those calls.
class CallPermit {
 public:
  explicit CallPermit(CallLimiter& limiter) : limiter_(limiter) {}
  ~CallPermit() { give_back(); }
  CallPermit(const CallPermit&) = delete;
  CallPermit& operator=(const CallPermit&) = delete;

  // Returns the permit for good.
  void give_back() {
    wanted_ = false;
    let_go();
  }

  // Called in pairs; a method may wait for several answers at the same time.
  void lend() {
    if (!wanted_) return;
    ++waiting_;
    let_go();
  }
  runtime::Awaitable<void> take_again() {
    if (!wanted_ || --waiting_ > 0) co_return;
    co_await limiter_.take();
    const bool keep = wanted_ && waiting_ == 0 && !held_;
    if (keep) held_ = true;
    if (!keep) limiter_.give_back();
  }

 private:
  void let_go() {
    if (held_) limiter_.give_back();
    held_ = false;
  }

  CallLimiter& limiter_;
  bool wanted_ = true;  // until the call gives it back for good
  bool held_ = true;
  int waiting_ = 0;
};

}  // namespace signalr
