#include "observe/metrics.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "logging/logging.h"
#include "observe/build_info.h"

namespace message_service {

namespace {

const telemetry::Buckets kBatchSizes{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10'000, 100'000};

PublishOutcomes publish_outcomes(telemetry::Registry& registry) {
  const auto of = [&](const char* outcome) {
    return registry.counter("publish_total", "Messages handed to the log, by outcome.", {{"outcome", outcome}});
  };
  return {of("ok"), of("refused"), of("unknown")};
}

FlushReasons flush_reasons(telemetry::Registry& registry) {
  const auto of = [&](const char* reason) {
    return registry.counter("batch_flush_total", "Batches written, by what started the write.", {{"reason", reason}});
  };
  return {of("size"), of("interval"), of("idle"), of("shutdown")};
}

EndToEnd make_end_to_end(telemetry::Registry& registry) {
  const auto of = [&](const char* stage) {
    return registry.histogram("end_to_end_seconds", "From a message's request to the stage.", {{"stage", stage}});
  };
  return {of("persisted"), of("broadcast")};
}

SpanOutcomes span_outcomes(telemetry::Registry& registry) {
  const auto of = [&](const char* outcome) {
    return registry.counter("trace_spans_total", "Spans of traces, by what became of them.", {{"outcome", outcome}});
  };
  return {of("exported"), of("dropped"), of("failed")};
}

PoolConnections pool_connections(telemetry::Registry& registry) {
  const auto of = [&](const char* state) {
    return registry.gauge("store_pool_connections", "Connections to the store.", {{"state", state}});
  };
  return {of("idle"), of("in_use")};
}

CanaryMetrics canary_metrics(telemetry::Registry& registry) {
  const auto posts = [&](const char* outcome) {
    return registry.counter("canary_posts_total", "Messages that the canary has posted, by outcome.",
                            {{"outcome", outcome}});
  };
  const auto duration = [&](const char* stage) {
    return registry.histogram("canary_duration_seconds", "From the post of a message of the canary to the stage.",
                              {{"stage", stage}});
  };
  return {
      .posts = {posts("ok"), posts("refused"), posts("unknown")},
      .delivered = registry.counter("canary_delivered_total",
                                    "Messages of the canary that every shard of its own hub has delivered."),
      .lost = registry.counter(
          "canary_lost_total",
          "Accepted messages of the canary that a later one has overtaken, or that became dead letters."),
      .accepted = duration("accepted"),
      .delivered_after = duration("delivered"),
      .read_after = duration("read"),
      .waiting =
          registry.gauge("canary_waiting_seconds",
                         "Since the answer to the canary's oldest accepted message that is not delivered yet, or "
                         "cannot be read; 0 while all is well."),
  };
}

// The answers of one route. Its figures begin with its first answer: the buckets of all routes at 0 would be most of
// what a scrape reads. Each status has a slot, filled when the status is first seen: from then on an answer costs one
// load to find its counter.
class RouteAnswers {
 public:
  RouteAnswers(telemetry::Registry& registry, std::string_view pattern) : registry_(registry), pattern_(pattern) {}

  void answered(unsigned status, double seconds) {
    counter_of(status).increment();
    std::call_once(begun_, [this] {
      duration_ = registry_.histogram("http_request_duration_seconds", "From a request's first byte to its answer.",
                                      {{"route", pattern_}});
    });
    duration_.observe(seconds);
  }

 private:
  static constexpr unsigned kStatusLeast = 100;
  static constexpr unsigned kStatusMost = 599;

  telemetry::Counter counter_of(unsigned status) {
    const bool known = status >= kStatusLeast && status <= kStatusMost;
    std::atomic<telemetry::Counter>& slot = by_status_[known ? status - kStatusLeast : by_status_.size() - 1];
    if (const telemetry::Counter counter = slot.load(std::memory_order_acquire)) return counter;
    const telemetry::Counter counter =
        registry_.counter("http_requests_total", "Requests answered, by route and status.",
                          {{"route", pattern_}, {"status", known ? std::to_string(status) : "other"}});
    slot.store(counter, std::memory_order_release);
    return counter;
  }

  telemetry::Registry& registry_;
  const std::string pattern_;
  std::once_flag begun_;
  telemetry::Histogram duration_;
  std::array<std::atomic<telemetry::Counter>, kStatusMost - kStatusLeast + 2> by_status_{};
};

}  // namespace

Metrics::Metrics()
    : publish_duration(registry_.histogram("publish_duration_seconds", "For the log to confirm a message.")),
      publish_total(publish_outcomes(registry_)),
      queue_wait(registry_.histogram("queue_wait_seconds",
                                     "For a message's turn, before its append, at most: of every 16th that is taken.")),
      consumer_lag(registry_.gauges_by("partition", "consumer_lag_records", "Records in the log not yet stored.")),
      consumer_requires_version(registry_.gauges_by(
          "partition", "consumer_requires_version",
          "Version of the record that a partition stops at, because this program is too old for it; 0 where none is.")),
      consumed(registry_.counter("consumed_total", "Records read from the log.")),
      batch_size(registry_.histogram("batch_size", "Messages in a batch written.", {}, kBatchSizes)),
      batch_flush(flush_reasons(registry_)),
      store_write_duration(registry_.histogram("store_write_duration_seconds", "For the store to take a batch.")),
      store_writes(registry_.counter("store_writes_total", "Messages the store has taken.")),
      store_pool_connections(pool_connections(registry_)),
      end_to_end(make_end_to_end(registry_)),
      duplicates(registry_.counter("duplicates_total", "Messages that had been stored before.")),
      moved(
          registry_.counter("moved_total", "Records that were appended again in the partition of their conversation.")),
      dead_letter(registry_.counters_by("reason", "dead_letter_total", "Records put into the dead-letter queue.")),
      dead_letters_open(registry_.gauge("dead_letters_open", "Dead letters neither stored since nor discarded.")),
      refused(registry_.counters_by("reason", "refused_total", "Requests and connections refused to stay in bounds.")),
      tls_handshakes_failed(registry_.counter("tls_handshakes_failed_total",
                                              "Connections by https that ended before client and server agreed.")),
      rate_limited(registry_.counters_by("limit", "rate_limited_total", "Requests and calls refused for their rate.")),
      rate_limit_dry_run(registry_.counters_by("limit", "rate_limit_dry_run_total",
                                               "Those that RateLimits:Mode=DryRun would have refused.")),
      memory_shed(
          registry_.counters_by("step", "memory_shed_total", "What was dropped to stay below the memory's cap.")),
      memory_used(registry_.gauge("memory_used_bytes", "Memory that counts against Limits:MemoryBytes.")),
      memory_limit(registry_.gauge("memory_limit_bytes", "The cap over all memory together.")),
      disk_free(registry_.gauge("disk_free_bytes", "Bytes that may still be written to the data folder's disk.")),
      disk_size(
          registry_.gauge("disk_size_bytes", "Size of the data folder's disk; 0 where the node has no data folder.")),
      ready(registry_.gauge("ready", "1 while /health/ready answers 200, else 0.")),
      dependency_ok(registry_.gauges_by("dependency", "dependency_ok",
                                        "1 while this part's line of /health/ready ends in ok, else 0.")),
      clock(registry_.gauge("clock_seconds", "The node's clock at the scrape, in seconds since 1970.")),
      hub_messages_sent(registry_.counter("hub_messages_sent_total", "Messages sent to hub clients.")),
      hub_slow_clients_closed(
          registry_.counter("hub_slow_clients_closed_total", "Hub clients closed for reading too slowly.")),
      hub_catch_up_retries(registry_.counter("hub_catch_up_retries_total",
                                             "Times that a hub client's catch-up waited because the store could not be "
                                             "read.")),
      unreadable(registry_.counters_by("what", "unreadable_total",
                                       "Times that stored data or an event was left out because it cannot be read.")),
      trace_spans(span_outcomes(registry_)),
      canary(canary_metrics(registry_)),
      view_reports(registry_.counters_by(
          "outcome", "view_reports_total",
          "Reports of clients about their views: equal to the store, how they differ, or not compared.")),
      view_messages(registry_.counter("view_messages_total", "Messages of views that are equal to the store.")) {
  registry_.info("build_info", "Which build this is.",
                 {{"version", std::string(version())}, {"compiler", std::string(compiler())}});
  registry_.counter_read_at_scrape("log_lines_dropped_total", "Log lines dropped because their reader was too slow.",
                                   [] { return static_cast<double>(logging::dropped_lines()); });
  constexpr std::array<const char*, 3> kTransports{"webSockets", "serverSentEvents", "longPolling"};
  constexpr std::array<const char*, 2> kProtocols{"json", "messagepack"};
  for (std::size_t t = 0; t < kTransports.size(); ++t) {
    for (std::size_t p = 0; p < kProtocols.size(); ++p) {
      hub_connections_[t][p] = registry_.gauge("hub_connections", "Hub clients connected.",
                                               {{"transport", kTransports[t]}, {"protocol", kProtocols[p]}});
    }
  }
}

telemetry::Gauge Metrics::hub_connections(HubTransport transport, HubProtocol protocol) const {
  return hub_connections_[static_cast<std::size_t>(transport)][static_cast<std::size_t>(protocol)];
}

Metrics::Answered Metrics::route(std::string_view pattern) {
  const auto answers = std::make_shared<RouteAnswers>(registry_, pattern);
  return [answers](unsigned status, double seconds) { answers->answered(status, seconds); };
}

}  // namespace message_service
