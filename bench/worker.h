// One thread of the load generator, with its share of the connections.
//
// The run owns it. The constructor starts the thread and the destructor joins it. The owner's thread may call every
// public function; all network I/O runs on the worker's own thread.
#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "bench/connection.h"
#include "bench/lane.h"

namespace message_service::bench {

class Worker {
 public:
  struct Plan {
    boost::asio::ip::tcp::endpoint endpoint;
    Security* security;          // null: in clear text; outlives the worker
    const RequestSet& requests;  // outlives the worker
    bool keys;
    std::chrono::milliseconds timeout;
    std::uint32_t connections;
    std::uint64_t max_requests;
    std::optional<double> rate;  // of all threads together; none: closed loop
    std::uint32_t thread, threads;
  };

  explicit Worker(const Plan& plan);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Every connection was tried once; begin() may be called.
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  // Sends from `start` until the window's end, then waits for the answers under way.
  void begin(base::SteadyTime start, Window window);
  // Ends at once, without the answers under way.
  void stop() { stop_.store(true, std::memory_order_release); }
  bool finished() const { return finished_.load(std::memory_order_acquire); }

  Published& published() { return published_; }
  // Only after finished().
  const Tally& tally() const { return lane_.tally; }

 private:
  using Timer = boost::asio::basic_waitable_timer<base::SteadyClock, boost::asio::wait_traits<base::SteadyClock>,
                                                  boost::asio::io_context::executor_type>;

  void run();
  void schedule_tick();
  void tick(base::SteadyTime now);
  void open_next(base::SteadyTime now);
  void sweep(base::SteadyTime now);
  void start_sending(base::SteadyTime now);
  void send_due(base::SteadyTime now);
  void publish();
  void finish();

  const Plan plan_;
  Published published_;
  boost::asio::io_context context_;
  Lane lane_;
  Timer tick_timer_, due_timer_;
  std::deque<Connection> connections_;
  std::size_t tried_ = 0;             // connections that have been opened, or failed to, for the first time
  std::uint64_t next_scheduled_ = 0;  // number of the next request of this thread's schedule
  std::uint64_t ticks_ = 0;
  bool began_ = false;

  std::atomic<bool> ready_{false}, go_{false}, stop_{false}, finished_{false};
  base::SteadyTime start_{};  // this and window_ are written before go_
  Window window_{};
  std::thread thread_;  // last: it uses all the others
};

}  // namespace message_service::bench
