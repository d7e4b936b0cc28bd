// Counters, gauges and histograms, and the registry that owns them and writes them for Prometheus.
//
// A program makes one Registry, which outlives every user. The handles are small, are copied freely, and may be used
// from any thread; a handle that is made without a registry counts nothing. Families with an open label (`with`) look
// a string up: take the handle once and keep it. A family holds a bounded number of label values; it counts further
// values under "other". prometheus-cpp stays inside metrics.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace telemetry {

class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void increment(double by = 1) const;
  explicit operator bool() const { return counter_ != nullptr; }

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value) const;
  void increment(double by = 1) const;
  void decrement(double by = 1) const;

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value) const;

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

// Counters that differ in one label.
class CounterFamily {
 public:
  struct State;
  CounterFamily() = default;
  explicit CounterFamily(State& state) : state_(&state) {}
  Counter with(std::string_view label_value) const;

 private:
  State* state_ = nullptr;
};

// Gauges that differ in one label.
class GaugeFamily {
 public:
  struct State;
  explicit GaugeFamily(State& state) : state_(&state) {}
  // By label value. A gauge that an earlier call set and this call does not name becomes 0.
  void set(const std::map<std::string, double>& values) const;

 private:
  State* state_;
};

using Labels = std::map<std::string, std::string>;
using Buckets = std::vector<double>;

// Bounds for durations in seconds: 100 us to 10 s.
const Buckets& duration_buckets();

class Registry {
 public:
  // `prefix` begins every metric's name except those of the process.
  explicit Registry(std::string prefix);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The same name, help and labels again give the same metric.
  Counter counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                      const Buckets& buckets = duration_buckets());
  CounterFamily counters_by(std::string_view label, std::string_view name, std::string_view help);
  GaugeFamily gauges_by(std::string_view label, std::string_view name, std::string_view help);

  // A gauge of 1 whose labels say something about the program, in their order.
  void info(std::string_view name, std::string_view help,
            const std::vector<std::pair<std::string, std::string>>& labels);

  // A counter whose value is kept elsewhere: expose() calls `read`.
  void counter_read_at_scrape(std::string_view name, std::string_view help, std::function<double()> read);

  // Prometheus text format 0.0.4, with the figures of the process, read now.
  std::string expose() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace telemetry
