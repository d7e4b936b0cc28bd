#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <utility>

#include "telemetry/process_stats.h"

namespace telemetry {

namespace {

constexpr std::size_t kLabelValuesMax = 256;

// The members of a family that differ in one label; with() makes a member when it is first asked for.
template <class Metric>
class OneLabel {
 public:
  OneLabel(prometheus::Family<Metric>& family, std::string_view label) : family_(family), label_(label) {}

  Metric& with(std::string_view value) {
    const std::lock_guard lock(mutex_);
    if (const auto found = members_.find(value); found != members_.end()) return *found->second;
    const std::string name(members_.size() < kLabelValuesMax ? value : "other");
    Metric& member = family_.Add({{label_, name}});  // returns the existing member if there is one
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

prometheus::MetricFamily one_value(std::string name, std::string help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

void append_process(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  const ProcessStats stats = read_process_stats();
  const auto add = [&families](auto&&... parts) { families.push_back(one_value(parts...)); };
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
};

void Counter::increment(double by) const {
  if (counter_ != nullptr) counter_->Increment(by);
}

void Gauge::set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}

void Gauge::increment(double by) const {
  if (gauge_ != nullptr) gauge_->Increment(by);
}

void Gauge::decrement(double by) const {
  if (gauge_ != nullptr) gauge_->Decrement(by);
}

void Histogram::observe(double value) const {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

Counter CounterFamily::with(std::string_view label_value) const {
  return state_ == nullptr ? Counter() : Counter(state_->with(label_value));
}

void GaugeFamily::set(const std::map<std::string, double>& values) const {
  state_->for_each([&](const std::string& label, prometheus::Gauge& gauge) {
    if (!values.contains(label)) gauge.Set(0);
  });
  for (const auto& [label, value] : values) state_->with(label).Set(value);
}

const Buckets& duration_buckets() {
  static const Buckets buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                               0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return buckets;
}

struct Registry::State {
  struct ReadAtScrape {
    std::string name, help;
    std::function<double()> read;
  };

  template <class Builder>
  auto& family(Builder builder, std::string_view name, std::string_view help) {
    return builder.Name(prefix + std::string(name)).Help(std::string(help)).Register(registry);
  }

  std::string prefix;
  prometheus::Registry registry;
  std::vector<std::unique_ptr<CounterFamily::State>> counter_families;
  std::vector<std::unique_ptr<GaugeFamily::State>> gauge_families;
  std::vector<prometheus::MetricFamily> infos;
  std::vector<ReadAtScrape> read_at_scrape;
};

Registry::Registry(std::string prefix) : state_(std::make_unique<State>()) { state_->prefix = std::move(prefix); }

Registry::~Registry() = default;

Counter Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return Counter(state_->family(prometheus::BuildCounter(), name, help).Add(labels));
}

Gauge Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return Gauge(state_->family(prometheus::BuildGauge(), name, help).Add(labels));
}

Histogram Registry::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              const Buckets& buckets) {
  return Histogram(state_->family(prometheus::BuildHistogram(), name, help).Add(labels, buckets));
}

CounterFamily Registry::counters_by(std::string_view label, std::string_view name, std::string_view help) {
  auto& family = state_->family(prometheus::BuildCounter(), name, help);
  return CounterFamily(*state_->counter_families.emplace_back(std::make_unique<CounterFamily::State>(family, label)));
}

GaugeFamily Registry::gauges_by(std::string_view label, std::string_view name, std::string_view help) {
  auto& family = state_->family(prometheus::BuildGauge(), name, help);
  return GaugeFamily(*state_->gauge_families.emplace_back(std::make_unique<GaugeFamily::State>(family, label)));
}

void Registry::info(std::string_view name, std::string_view help,
                    const std::vector<std::pair<std::string, std::string>>& labels) {
  prometheus::MetricFamily family =
      one_value(state_->prefix + std::string(name), std::string(help), prometheus::MetricType::Gauge, 1);
  for (const auto& [label, value] : labels) family.metric.front().label.push_back({label, value});
  state_->infos.push_back(std::move(family));
}

void Registry::counter_read_at_scrape(std::string_view name, std::string_view help, std::function<double()> read) {
  state_->read_at_scrape.push_back({state_->prefix + std::string(name), std::string(help), std::move(read)});
}

std::string Registry::expose() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  families.insert(families.end(), state_->infos.begin(), state_->infos.end());
  for (const auto& [name, help, read] : state_->read_at_scrape) {
    families.push_back(one_value(name, help, prometheus::MetricType::Counter, read()));
  }
  append_process(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace telemetry
