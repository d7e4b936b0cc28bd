// The state that the connections of one worker thread share: when to send, the requests to send, and where to count.
// The Worker owns it, and only the worker's thread touches it, except for `published`.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "bench/request_set.h"
#include "bench/schedule.h"
#include "bench/security.h"
#include "bench/tally.h"

namespace message_service::bench {

// The measured part of a run.
struct Window {
  base::SteadyTime begin, end;
};

// Live figures for the thread that watches the run.
struct Published {
  std::atomic<std::uint64_t> answered{0};  // as expected, since the start
  std::atomic<std::uint64_t> errors{0};
  std::mutex mutex;
  Histogram recent;  // under the mutex; latencies since the watcher last took them
};

struct Lane {
  boost::asio::io_context& context;
  boost::asio::ip::tcp::endpoint endpoint;
  Security* security;  // null: in clear text
  const RequestSet& requests;
  KeyLine keys;
  std::chrono::milliseconds timeout;
  std::uint32_t connections;
  std::uint64_t requests_left;
  Published& published;

  bool sending = false;
  std::optional<Schedule> schedule;  // none: closed loop
  Window window{};
  Tally tally;
  Histogram recent;
  std::uint32_t connecting = 0;
  std::uint32_t in_flight = 0;

  void answered(base::SteadyTime intended, base::SteadyTime now) {
    const auto latency_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now - intended).count());
    recent.record(latency_ns);
    if (intended >= window.begin && intended < window.end) tally.latency.record(latency_ns);
    bump(published.answered);
  }
  void unsent(base::SteadyTime intended) {
    if (intended < window.begin || intended >= window.end) return;
    ++tally.unsent;
    tally.latency.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(window.end - intended).count()));
  }
  void failed(Failure failure) {
    tally.count(failure);
    bump(published.errors);
  }
  void unexpected(std::uint16_t status) {
    tally.count_unexpected_status(status);
    bump(published.errors);
  }

 private:
  // This thread is the only writer, so no locked instruction is needed.
  static void bump(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

}  // namespace message_service::bench
