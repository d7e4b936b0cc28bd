#include "bench/load.h"

#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <thread>

#include "bench/process_usage.h"
#include "bench/progress.h"
#include "bench/security.h"
#include "bench/server_metrics.h"
#include "bench/target.h"
#include "bench/worker.h"
#include "http/client/client.h"
#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_interval{20};
constexpr std::uint64_t spare_files = 64;

base::SteadyClock::duration seconds(double count) {
  return std::chrono::duration_cast<base::SteadyClock::duration>(std::chrono::duration<double>(count));
}

double own_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto whole_s = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  return whole_s + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Drives the workers through opening, warm-up, measuring and draining, and watches them.
class Run {
 public:
  Run(const LoadPlan& plan, const boost::asio::ip::tcp::endpoint& endpoint);

  base::Result<LoadResult> execute();

 private:
  void start_workers();
  base::Result<void> wait_until_open();
  bool all(bool (Worker::*condition)() const) const;
  bool over() const { return runtime::interrupted() || all(&Worker::finished); }
  void watch_until(base::SteadyTime time);
  void wait_for_answers();
  std::uint64_t answered();
  UsageSample sample();
  void second_passed(base::SteadyTime now);

  const LoadPlan& plan_;
  const boost::asio::ip::tcp::endpoint endpoint_;
  RequestSet requests_;
  std::unique_ptr<Security> security_;  // null without https
  http::Client metrics_;
  bool metrics_work_ = true;
  std::deque<Worker> workers_;
  base::SteadyTime measuring_from_{};
  ProgressLine progress_;
  base::SteadyTime next_second_{};
  LoadResult result_;
};

Run::Run(const LoadPlan& plan, const boost::asio::ip::tcp::endpoint& endpoint)
    : plan_(plan),
      endpoint_(endpoint),
      requests_({.authority = plan.target.authority,
                 .path = plan.path,
                 .conversations = plan.options.conversations,
                 .content_bytes = plan.options.content_bytes,
                 .token = plan.options.token}),
      metrics_(plan.target, control_timeout, {.ca_file = plan.options.ca_file}),
      progress_(plan.label, plan.options.quiet) {
  if (!plan.options.operator_token.empty()) metrics_.authorize(plan.options.operator_token);
  if (plan.target.https) security_ = std::make_unique<Security>(plan.target.host, plan.options.ca_file);
}

base::Result<LoadResult> Run::execute() {
  start_workers();
  if (const base::Result<void> opened = wait_until_open(); !opened) return opened.error();
  const base::SteadyTime start = base::SteadyClock::now() + milliseconds(20);
  const base::SteadyTime from = start + seconds(plan_.options.warmup_s);
  const Window window{from, from + seconds(plan_.options.duration_s)};
  measuring_from_ = from;
  next_second_ = start + std::chrono::seconds(1);
  for (Worker& worker : workers_) worker.begin(start, window);
  watch_until(window.begin);
  result_.before = sample();
  watch_until(window.end);
  result_.after = sample();
  wait_for_answers();
  result_.interrupted = runtime::interrupted();
  result_.accepted = answered();
  for (const Worker& worker : workers_) result_.tally.merge(worker.tally());
  return std::move(result_);
}

void Run::start_workers() {
  const std::uint32_t threads = std::min(plan_.options.threads, plan_.connections);
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    const std::uint32_t share = plan_.connections / threads + (thread < plan_.connections % threads ? 1 : 0);
    workers_.emplace_back(
        Worker::Plan{.endpoint = endpoint_,
                     .security = security_.get(),
                     .requests = requests_,
                     .keys = plan_.options.keys,
                     .timeout = std::chrono::duration_cast<milliseconds>(seconds(plan_.options.timeout_s)),
                     .connections = share,
                     .max_requests = std::max<std::uint64_t>(plan_.options.max_requests / threads, 1),
                     .rate = plan_.options.rate,
                     .thread = thread,
                     .threads = threads});
  }
}

// Each connection is tried once, a bounded number at a time, each with a timeout, so the wait ends by itself.
base::Result<void> Run::wait_until_open() {
  while (!all(&Worker::ready)) {
    if (runtime::interrupted())
      return base::Error{base::ErrorCode::unavailable, "interrupted while opening connections"};
    std::this_thread::sleep_for(poll_interval);
  }
  return {};
}

bool Run::all(bool (Worker::*condition)() const) const {
  return std::all_of(workers_.begin(), workers_.end(), [&](const Worker& worker) { return (worker.*condition)(); });
}

void Run::watch_until(base::SteadyTime time) {
  for (base::SteadyTime now = base::SteadyClock::now(); now < time && !over(); now = base::SteadyClock::now()) {
    if (now >= next_second_) second_passed(now);
    std::this_thread::sleep_until(std::min({time, next_second_, base::SteadyClock::now() + poll_interval}));
  }
}

void Run::wait_for_answers() {
  while (!all(&Worker::finished)) {
    if (runtime::interrupted()) {
      for (Worker& worker : workers_) worker.stop();
    }
    std::this_thread::sleep_for(poll_interval);
  }
  progress_.finish();
}

std::uint64_t Run::answered() {
  std::uint64_t sum = 0;
  for (Worker& worker : workers_) sum += worker.published().answered.load(std::memory_order_relaxed);
  return sum;
}

UsageSample Run::sample() {
  UsageSample usage;
  usage.at = base::SteadyClock::now();
  usage.answered = answered();
  usage.generator_cpu_s = own_cpu_s();
  if (!metrics_work_) return usage;
  const base::Result<ServerMetrics> server = read_server_metrics(metrics_);
  metrics_work_ = static_cast<bool>(server);
  if (!server) return usage;
  usage.answered_at_server = answered();
  usage.server_cpu_s = server->cpu_s;
  usage.server_rss_bytes = server->rss_bytes;
  if (server->rss_bytes) {
    result_.server_rss_peak_bytes = std::max(result_.server_rss_peak_bytes.value_or(0), *server->rss_bytes);
  }
  return usage;
}

void Run::second_passed(base::SteadyTime now) {
  const UsageSample usage = sample();
  Histogram recent;
  std::uint64_t errors = 0;
  for (Worker& worker : workers_) {
    errors += worker.published().errors.load(std::memory_order_relaxed);
    const std::lock_guard lock(worker.published().mutex);
    recent.merge(worker.published().recent);
    worker.published().recent.clear();
  }
  progress_.show({.elapsed_s = base::seconds_between(measuring_from_, now),
                  .answered = usage.answered,
                  .errors = errors,
                  .p50_ns = recent.value_at_ns(0.5),
                  .p99_ns = recent.value_at_ns(0.99)});
  next_second_ = std::max(next_second_ + std::chrono::seconds(1), now);
}

}  // namespace

double LoadResult::rate() const { return measured_s() > 0 ? static_cast<double>(answered()) / measured_s() : 0; }

std::optional<double> LoadResult::server_cpu_us_per_message() const {
  const std::uint64_t messages = after.answered_at_server - before.answered_at_server;
  if (!before.server_cpu_s || !after.server_cpu_s || messages == 0) return std::nullopt;
  return (*after.server_cpu_s - *before.server_cpu_s) * 1e6 / static_cast<double>(messages);
}

double LoadResult::generator_cpu_us_per_message() const {
  if (answered() == 0) return 0;
  return (after.generator_cpu_s - before.generator_cpu_s) * 1e6 / static_cast<double>(answered());
}

base::Result<void> create_conversations(http::Client& client, std::uint32_t count, const Others& others) {
  for (std::uint32_t number = 0; number < count; ++number) {
    if (runtime::interrupted())
      return base::Error{base::ErrorCode::unavailable, "interrupted while making conversations"};
    const base::Result<http::Answer> answer = client.post_json(
        "/api/conversations", conversation_body(number, others ? others(number) : std::vector<std::string>()));
    if (!answer) return answer.error();
    if (answer->status != 200 && answer->status != 201 && answer->status != 409) {
      return base::Error{base::ErrorCode::unavailable, "POST /api/conversations for " + conversation_id(number) +
                                                           ": status " + std::to_string(answer->status) + " " +
                                                           answer->body.substr(0, 300)};
    }
  }
  return {};
}

base::Result<LoadResult> run_load(const LoadPlan& plan) {
  if (const base::Result<void> allowed = allow_open_files(plan.connections + spare_files, "--connections"); !allowed)
    return allowed.error();
  const http::ClientOptions trust{.ca_file = plan.options.ca_file};
  const base::Result<boost::asio::ip::tcp::endpoint> endpoint =
      http::Client(plan.target, control_timeout, trust).reach();
  if (!endpoint) return endpoint.error();
  return Run(plan, *endpoint).execute();
}

}  // namespace message_service::bench
