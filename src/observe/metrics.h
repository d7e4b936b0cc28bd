// Every metric of the service, named and typed, in one place.
//
// One Metrics object a process, made by app and outliving every user; passed on by reference. Handles are small, copied
// freely, safe from any thread and never fail. Families with open labels (`with`) look a string up: take the handle
// once and keep it. A family holds a bounded number of label values; further ones are counted under "other".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace message_service {

class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void increment(double by = 1) const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value) const;
  void increment(double by = 1) const;
  void decrement(double by = 1) const;

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value) const;

 private:
  prometheus::Histogram* histogram_;
};

// Counters that differ in one label.
class CounterFamily {
 public:
  struct State;
  explicit CounterFamily(State& state) : state_(&state) {}
  Counter with(std::string_view label_value) const;

 private:
  State* state_;
};

// Gauges that differ in one label.
class GaugeFamily {
 public:
  struct State;
  explicit GaugeFamily(State& state) : state_(&state) {}
  // By label. One that was there before and is not now is 0: what it measured is somebody else's.
  void set(const std::map<std::string, double>& values) const;

 private:
  State* state_;
};

// Requests of one route; `route` is the pattern, never the path as it came.
class RouteMetrics {
 public:
  struct State;
  explicit RouteMetrics(State& state) : state_(&state) {}
  void answered(unsigned status, double seconds) const;

 private:
  State* state_;
};

enum class HubTransport { web_sockets, server_sent_events, long_polling };
enum class HubProtocol { json, message_pack };

struct PublishOutcomes {
  Counter ok, refused, unknown;
};
struct FlushReasons {
  Counter size, interval, idle, shutdown;
};
struct EndToEnd {
  Histogram persisted, broadcast;  // seconds since the request was received
};
struct PoolConnections {
  Gauge idle, in_use;
};

class Metrics {
  struct Registry;
  std::unique_ptr<Registry> registry_;  // first: the handles below point into it

 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  const Histogram publish_duration;  // seconds, as are all durations
  const PublishOutcomes publish_total;
  const Histogram queue_wait;                   // of messages that were not refused for it
  const GaugeFamily consumer_lag;               // by partition
  const GaugeFamily consumer_requires_version;  // by partition: of the record that a too old program stops at
  const Counter consumed;
  const Histogram batch_size;
  const FlushReasons batch_flush;
  const Histogram store_write_duration;
  const Counter store_writes;
  const PoolConnections store_pool_connections;
  const EndToEnd end_to_end;
  const Counter duplicates;
  const Counter moved;
  const CounterFamily dead_letter;  // with(reason)
  const Gauge dead_letters_open;
  const CounterFamily refused;      // with(reason)
  const CounterFamily memory_shed;  // with(step)
  const Gauge memory_used;
  const Gauge memory_limit;
  const Counter hub_messages_sent;
  const Counter hub_slow_clients_closed;
  const Counter hub_catch_up_retries;
  const CounterFamily unreadable;  // with(collection or kind)

  Gauge hub_connections(HubTransport transport, HubProtocol protocol) const;

  // Made on first call, the same afterwards. Take it once for each route, when the routes are set up.
  RouteMetrics route(std::string_view pattern);

  // Prometheus text format 0.0.4, with the process's own figures read now.
  std::string expose() const;
};

}  // namespace message_service
