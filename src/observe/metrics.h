// Every metric of the service, named and typed, in one place.
//
// The process has one Metrics object. service/ makes it, passes it on by reference, and destroys it after every user.
// Any thread.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "telemetry/metrics.h"

namespace message_service {

enum class HubTransport { web_sockets, server_sent_events, long_polling };
enum class HubProtocol { json, message_pack };

struct PublishOutcomes {
  telemetry::Counter ok, refused, unknown;
};
struct FlushReasons {
  telemetry::Counter size, interval, idle, shutdown;
};
struct EndToEnd {
  telemetry::Histogram persisted, broadcast;  // seconds since the request was received
};
struct SpanOutcomes {
  telemetry::Counter exported, dropped, failed;
};
struct PoolConnections {
  telemetry::Gauge idle, in_use;
};

struct CanaryMetrics {
  PublishOutcomes posts;
  telemetry::Counter delivered, lost;
  telemetry::Histogram accepted, delivered_after, read_after;  // since the post
  telemetry::Gauge waiting;                                    // seconds; set at each scrape
};

class Metrics {
  telemetry::Registry registry_{"message_service_"};  // first: it makes the handles below

 public:
  Metrics();

  const telemetry::Histogram publish_duration;  // seconds, as are all durations
  const PublishOutcomes publish_total;
  const telemetry::Histogram queue_wait;      // of messages that were not refused for it
  const telemetry::GaugeFamily consumer_lag;  // by partition
  const telemetry::GaugeFamily
      consumer_requires_version;  // by partition: of the record that a too old program stops at
  const telemetry::Counter consumed;
  const telemetry::Histogram batch_size;
  const FlushReasons batch_flush;
  const telemetry::Histogram store_write_duration;
  const telemetry::Counter store_writes;
  const PoolConnections store_pool_connections;
  const EndToEnd end_to_end;
  const telemetry::Counter duplicates;
  const telemetry::Counter moved;
  const telemetry::CounterFamily dead_letter;  // with(reason)
  const telemetry::Gauge dead_letters_open;
  const telemetry::CounterFamily refused;  // with(reason)
  const telemetry::Counter tls_handshakes_failed;
  const telemetry::CounterFamily rate_limited;        // with(limit): refused
  const telemetry::CounterFamily rate_limit_dry_run;  // with(limit): would have been refused
  const telemetry::CounterFamily memory_shed;         // with(step)
  const telemetry::Gauge memory_used;
  const telemetry::Gauge memory_limit;
  const telemetry::Gauge disk_free;
  const telemetry::Gauge disk_size;
  const telemetry::Gauge ready;
  const telemetry::GaugeFamily dependency_ok;  // by the part's name in /health/ready
  const telemetry::Gauge clock;
  const telemetry::Counter hub_messages_sent;
  const telemetry::Counter hub_slow_clients_closed;
  const telemetry::Counter hub_catch_up_retries;
  const telemetry::CounterFamily unreadable;  // with(collection or kind)
  const SpanOutcomes trace_spans;
  const CanaryMetrics canary;
  const telemetry::CounterFamily view_reports;  // with(outcome)
  const telemetry::Counter view_messages;

  telemetry::Gauge hub_connections(HubTransport transport, HubProtocol protocol) const;

  // Counts and times the answers of one route. `pattern` is the route's, never a path that a client sent.
  using Answered = std::function<void(unsigned status, double seconds)>;
  Answered route(std::string_view pattern);

  // Prometheus text format 0.0.4, with the figures of the process, read now.
  std::string expose() const { return registry_.expose(); }

 private:
  std::array<std::array<telemetry::Gauge, 2>, 3> hub_connections_;  // by transport and protocol
};

}  // namespace message_service
