#include "bench/worker.h"

namespace message_service::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds tick_interval{10};
constexpr std::uint64_t ticks_per_sweep = 10;
constexpr std::uint32_t connecting_max = 64;  // opened gradually: a listen queue is short

}  // namespace

// No other thread touches the context, so it needs no locks.
Worker::Worker(const Plan& plan)
    : plan_(plan),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),
      lane_{.context = context_,
            .endpoint = plan.endpoint,
            .security = plan.security,
            .requests = plan.requests,
            .keys = KeyLine(plan.keys),
            .timeout = plan.timeout,
            .connections = plan.connections,
            .requests_left = plan.max_requests,
            .published = published_,
            .schedule = {},
            .tally = {},
            .recent = {}},
      tick_timer_(context_),
      due_timer_(context_),
      thread_([this] { run(); }) {}

Worker::~Worker() {
  stop();
  thread_.join();
}

void Worker::begin(base::SteadyTime start, Window window) {
  start_ = start;
  window_ = window;
  go_.store(true, std::memory_order_release);
}

void Worker::run() {
  for (std::uint32_t i = 0; i < plan_.connections; ++i) connections_.emplace_back(lane_, i);
  tick(base::SteadyClock::now());
  context_.run();
  finished_.store(true, std::memory_order_release);
}

void Worker::schedule_tick() {
  tick_timer_.expires_after(tick_interval);
  tick_timer_.async_wait([this](const error_code& failure) {
    if (!failure) tick(base::SteadyClock::now());
  });
}

void Worker::tick(base::SteadyTime now) {
  if (stop_.load(std::memory_order_acquire)) return finish();
  open_next(now);
  if (++ticks_ % ticks_per_sweep == 0) {
    sweep(now);
    publish();
  }
  if (!began_ && go_.load(std::memory_order_acquire) && now >= start_) start_sending(now);
  if (lane_.sending && (now >= window_.end || lane_.requests_left == 0)) lane_.sending = false;
  if (began_ && !lane_.sending && lane_.in_flight == 0) return finish();
  schedule_tick();
}

void Worker::open_next(base::SteadyTime now) {
  while (tried_ < connections_.size() && lane_.connecting < connecting_max) connections_[tried_++].open(now);
  if (tried_ == connections_.size() && lane_.connecting == 0) ready_.store(true, std::memory_order_release);
}

void Worker::sweep(base::SteadyTime now) {
  const bool reopening = !began_ || lane_.sending;
  for (std::size_t i = 0; i < tried_; ++i) {
    Connection& connection = connections_[i];
    connection.sweep(now);
    if (reopening && connection.is_closed() && lane_.connecting < connecting_max) connection.open(now);
  }
}

void Worker::start_sending(base::SteadyTime now) {
  began_ = true;
  lane_.sending = true;
  lane_.window = window_;
  if (plan_.rate) {
    lane_.schedule.emplace(start_, *plan_.rate, plan_.thread, plan_.threads);
    send_due(now);
  } else {
    for (Connection& connection : connections_) connection.pump(now);
  }
}

void Worker::send_due(base::SteadyTime now) {
  base::SteadyTime next = lane_.schedule->intended(next_scheduled_);
  while (next <= now && next < window_.end) {
    connections_[next_scheduled_ % connections_.size()].add_due(now);
    next = lane_.schedule->intended(++next_scheduled_);
  }
  if (next >= window_.end) return;
  due_timer_.expires_at(next);
  due_timer_.async_wait([this](const error_code& failure) {
    if (!failure) send_due(base::SteadyClock::now());
  });
}

void Worker::publish() {
  const std::lock_guard lock(published_.mutex);
  published_.recent.merge(lane_.recent);
  lane_.recent.clear();
}

void Worker::finish() {
  lane_.sending = false;
  due_timer_.cancel();
  for (Connection& connection : connections_) {
    connection.count_unsent();
    connection.close();
  }
  publish();
}

}  // namespace message_service::bench
