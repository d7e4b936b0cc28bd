#include "observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "observe/build_info.h"
#include "observe/log.h"
#include "observe/process_stats.h"

namespace message_service {

namespace {

constexpr std::size_t label_values_max = 256;

using Labels = prometheus::Labels;
using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets& seconds() {
  static const Buckets buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                               0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return buckets;
}

const Buckets& messages() {
  static const Buckets buckets{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10'000, 100'000};
  return buckets;
}

// The members of a family that differ in one label, made as they are asked for.
template <class Metric>
class OneLabel {
 public:
  OneLabel(prometheus::Family<Metric>& family, std::string label) : family_(family), label_(std::move(label)) {}

  Metric& with(std::string_view value) {
    const std::lock_guard lock(mutex_);
    if (const auto found = members_.find(value); found != members_.end()) return *found->second;
    const std::string name(members_.size() < label_values_max ? value : "other");
    Metric& member = family_.Add(Labels{{label_, name}});  // the same one when it is there already
    members_.try_emplace(name, &member);
    return member;
  }

  template <class Visit>
  void for_each(const Visit& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& [label, member] : members_) visit(label, *member);
  }

 private:
  prometheus::Family<Metric>& family_;
  const std::string label_;
  std::mutex mutex_;
  std::map<std::string, Metric*, std::less<>> members_;
};

prometheus::MetricFamily one_value(std::string name, std::string help, prometheus::MetricType type, double value,
                                   std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

// What is read at the moment of the scrape instead of being counted.
void append_read_now(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  const ProcessStats stats = read_process_stats();
  const auto add = [&families](auto&&... parts) { families.push_back(one_value(parts...)); };
  add("message_service_build_info", "Which build this is.", MetricType::Gauge, 1,
      std::vector<prometheus::ClientMetric::Label>{{"version", std::string(version())},
                                                   {"compiler", std::string(compiler())}});
  add("message_service_log_lines_dropped_total", "Log lines dropped because their reader was too slow.",
      MetricType::Counter, static_cast<double>(log::dropped_lines()));
  add("process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter, stats.cpu_seconds);
  add("process_start_time_seconds", "Start of the process, since the Unix epoch.", MetricType::Gauge,
      stats.start_time_seconds);
  add("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge,
      static_cast<double>(stats.resident_memory_bytes));
  add("process_virtual_memory_bytes", "Address space in use.", MetricType::Gauge,
      static_cast<double>(stats.virtual_memory_bytes));
  add("process_threads", "Threads.", MetricType::Gauge, static_cast<double>(stats.threads));
  add("process_open_fds", "Open files and sockets.", MetricType::Gauge, static_cast<double>(stats.open_files));
  add("process_max_fds", "How many files and sockets may be open.", MetricType::Gauge,
      static_cast<double>(stats.open_files_max));
}

}  // namespace

struct CounterFamily::State : OneLabel<prometheus::Counter> {
  using OneLabel::OneLabel;
};

struct GaugeFamily::State : OneLabel<prometheus::Gauge> {
  using OneLabel::OneLabel;

  void set(const std::map<std::string, double>& values) {
    for_each([&](const std::string& label, prometheus::Gauge& gauge) {
      if (!values.contains(label)) gauge.Set(0);
    });
    for (const auto& [label, value] : values) with(label).Set(value);
  }
};

// A slot for each status, filled when the status is first seen: from then on a request costs one load to find it.
struct RouteMetrics::State {
  static constexpr unsigned status_least = 100;
  static constexpr unsigned status_most = 599;

  State(prometheus::Family<prometheus::Counter>& requests_family, prometheus::Histogram& duration_histogram,
        std::string route_pattern)
      : requests(requests_family), duration(duration_histogram), pattern(std::move(route_pattern)) {}

  prometheus::Counter& counter_of(unsigned status) {
    const bool known = status >= status_least && status <= status_most;
    std::atomic<prometheus::Counter*>& slot = by_status[known ? status - status_least : by_status.size() - 1];
    if (prometheus::Counter* const counter = slot.load(std::memory_order_acquire)) return *counter;
    prometheus::Counter& made =
        requests.Add({{"route", pattern}, {"status", known ? std::to_string(status) : "other"}});
    slot.store(&made, std::memory_order_release);
    return made;
  }

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Histogram& duration;
  const std::string pattern;
  std::array<std::atomic<prometheus::Counter*>, status_most - status_least + 2> by_status{};
};

struct Metrics::Registry {
  prometheus::Registry registry;
  std::vector<std::unique_ptr<CounterFamily::State>> counter_families;
  std::vector<std::unique_ptr<GaugeFamily::State>> gauge_families;
  std::array<std::array<prometheus::Gauge*, 2>, 3> hub_connections{};
  std::mutex routes_mutex;
  std::map<std::string, std::unique_ptr<RouteMetrics::State>, std::less<>> routes;
  prometheus::Family<prometheus::Counter>& http_requests =
      counters("http_requests_total", "Requests answered, by route and status.");
  prometheus::Family<prometheus::Histogram>& http_durations =
      histograms("http_request_duration_seconds", "From a request's first byte to its answer.");

  Registry() {
    constexpr std::array<const char*, 3> transports{"webSockets", "serverSentEvents", "longPolling"};
    constexpr std::array<const char*, 2> protocols{"json", "messagepack"};
    auto& family = gauges("hub_connections", "Hub clients connected.");
    for (std::size_t t = 0; t < transports.size(); ++t) {
      for (std::size_t p = 0; p < protocols.size(); ++p) {
        hub_connections[t][p] = &family.Add({{"transport", transports[t]}, {"protocol", protocols[p]}});
      }
    }
  }

  static std::string full(const char* name) { return std::string("message_service_") + name; }

  prometheus::Family<prometheus::Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(full(name)).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(full(name)).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(full(name)).Help(help).Register(registry);
  }

  // The same name and help again give the same family, as Register promises.
  Counter counter(const char* name, const char* help, const Labels& labels = {}) {
    return Counter(counters(name, help).Add(labels));
  }
  Gauge gauge(const char* name, const char* help, const Labels& labels = {}) {
    return Gauge(gauges(name, help).Add(labels));
  }
  Histogram histogram(const char* name, const char* help, const Labels& labels = {},
                      const Buckets& buckets = seconds()) {
    return Histogram(histograms(name, help).Add(labels, buckets));
  }
  CounterFamily counters_by(const char* label, const char* name, const char* help) {
    counter_families.push_back(std::make_unique<CounterFamily::State>(counters(name, help), label));
    return CounterFamily(*counter_families.back());
  }
  GaugeFamily gauges_by(const char* label, const char* name, const char* help) {
    gauge_families.push_back(std::make_unique<GaugeFamily::State>(gauges(name, help), label));
    return GaugeFamily(*gauge_families.back());
  }

  PublishOutcomes publish_outcomes() {
    const auto of = [this](const char* outcome) {
      return counter("publish_total", "Messages handed to the log, by outcome.", {{"outcome", outcome}});
    };
    return {of("ok"), of("refused"), of("unknown")};
  }
  FlushReasons flush_reasons() {
    const auto of = [this](const char* reason) {
      return counter("batch_flush_total", "Batches written, by what started the write.", {{"reason", reason}});
    };
    return {of("size"), of("interval"), of("idle"), of("shutdown")};
  }
  EndToEnd end_to_end() {
    const auto of = [this](const char* stage) {
      return histogram("end_to_end_seconds", "From a message's request to the stage.", {{"stage", stage}});
    };
    return {of("persisted"), of("broadcast")};
  }
  PoolConnections pool_connections() {
    const auto of = [this](const char* state) {
      return gauge("store_pool_connections", "Connections to the store.", {{"state", state}});
    };
    return {of("idle"), of("in_use")};
  }
};

void Counter::increment(double by) const { counter_->Increment(by); }
void Gauge::set(double value) const { gauge_->Set(value); }
void Gauge::increment(double by) const { gauge_->Increment(by); }
void Gauge::decrement(double by) const { gauge_->Decrement(by); }
void Histogram::observe(double value) const { histogram_->Observe(value); }

Counter CounterFamily::with(std::string_view label_value) const { return Counter(state_->with(label_value)); }
void GaugeFamily::set(const std::map<std::string, double>& values) const { state_->set(values); }

void RouteMetrics::answered(unsigned status, double duration_seconds) const {
  state_->counter_of(status).Increment();
  state_->duration.Observe(duration_seconds);
}

Metrics::Metrics()
    : registry_(std::make_unique<Registry>()),
      publish_duration(registry_->histogram("publish_duration_seconds", "For the log to confirm a message.")),
      publish_total(registry_->publish_outcomes()),
      queue_wait(registry_->histogram(
          "queue_wait_seconds", "For a message's turn, before its append, at most: of every 16th that is taken.")),
      consumer_lag(registry_->gauges_by("partition", "consumer_lag_records", "Records in the log not yet stored.")),
      consumer_requires_version(registry_->gauges_by(
          "partition", "consumer_requires_version",
          "Version of the record that a partition stops at, because this program is too old for it; 0 where none is.")),
      consumed(registry_->counter("consumed_total", "Records read from the log.")),
      batch_size(registry_->histogram("batch_size", "Messages in a batch written.", {}, messages())),
      batch_flush(registry_->flush_reasons()),
      store_write_duration(registry_->histogram("store_write_duration_seconds", "For the store to take a batch.")),
      store_writes(registry_->counter("store_writes_total", "Messages the store has taken.")),
      store_pool_connections(registry_->pool_connections()),
      end_to_end(registry_->end_to_end()),
      duplicates(registry_->counter("duplicates_total", "Messages that had been stored before.")),
      moved(registry_->counter("moved_total",
                               "Records that were appended again in the partition of their conversation.")),
      dead_letter(registry_->counters_by("reason", "dead_letter_total", "Records put into the dead-letter queue.")),
      dead_letters_open(registry_->gauge("dead_letters_open", "Dead letters neither stored since nor discarded.")),
      refused(registry_->counters_by("reason", "refused_total", "Requests and connections refused to stay in bounds.")),
      memory_shed(
          registry_->counters_by("step", "memory_shed_total", "What was dropped to stay below the memory's cap.")),
      memory_used(registry_->gauge("memory_used_bytes", "Memory that counts against Limits:MemoryBytes.")),
      memory_limit(registry_->gauge("memory_limit_bytes", "The cap over all memory together.")),
      hub_messages_sent(registry_->counter("hub_messages_sent_total", "Messages sent to hub clients.")),
      hub_slow_clients_closed(
          registry_->counter("hub_slow_clients_closed_total", "Hub clients closed for reading too slowly.")),
      hub_catch_up_retries(
          registry_->counter("hub_catch_up_retries_total",
                             "Times that a hub client's catch-up waited because the store could not be "
                             "read.")),
      unreadable(registry_->counters_by(
          "what", "unreadable_total", "Times that stored data or an event was left out because it cannot be read.")) {}

Metrics::~Metrics() = default;

Gauge Metrics::hub_connections(HubTransport transport, HubProtocol protocol) const {
  return Gauge(*registry_->hub_connections[static_cast<std::size_t>(transport)][static_cast<std::size_t>(protocol)]);
}

RouteMetrics Metrics::route(std::string_view pattern) {
  const std::lock_guard lock(registry_->routes_mutex);
  auto found = registry_->routes.find(pattern);
  if (found == registry_->routes.end()) {
    std::string name(pattern);
    auto& duration = registry_->http_durations.Add({{"route", name}}, seconds());
    auto state = std::make_unique<RouteMetrics::State>(registry_->http_requests, duration, name);
    found = registry_->routes.emplace(std::move(name), std::move(state)).first;
  }
  return RouteMetrics(*found->second);
}

std::string Metrics::expose() const {
  std::vector<prometheus::MetricFamily> families = registry_->registry.Collect();
  append_read_now(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace message_service
