#include "observe/metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "observe/build_info.h"
#include "telemetry/process_stats.h"

namespace message_service {
namespace {

// The value of the sample whose name and labels are exactly these; -1 where there is none.
double value_of(const std::string& exposed, const std::string& sample) {
  const std::size_t at = ("\n" + exposed).find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::stod(exposed.substr(at + sample.size() + 1));
}

TEST(Metrics, ALagThatIsAnotherNodesNowIsNone) {
  Metrics metrics;
  metrics.consumer_lag.set({{"1", 10}, {"2", 20}});
  metrics.consumer_lag.set({{"2", 5}, {"3", 30}});
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, "message_service_consumer_lag_records{partition=\"1\"}"), 0);
  EXPECT_EQ(value_of(text, "message_service_consumer_lag_records{partition=\"2\"}"), 5);
  EXPECT_EQ(value_of(text, "message_service_consumer_lag_records{partition=\"3\"}"), 30);
}

TEST(Metrics, EveryHandleReachesItsSample) {
  Metrics metrics;
  metrics.publish_duration.observe(0.0001);
  metrics.publish_total.ok.increment();
  metrics.publish_total.refused.increment(2);
  metrics.publish_total.unknown.increment(3);
  metrics.consumer_lag.set({{"7", 42}});
  metrics.consumed.increment(4);
  metrics.batch_size.observe(50);
  metrics.batch_flush.size.increment(5);
  metrics.batch_flush.interval.increment(6);
  metrics.batch_flush.idle.increment(7);
  metrics.batch_flush.shutdown.increment(8);
  metrics.store_write_duration.observe(11);
  metrics.store_writes.increment(9);
  metrics.store_pool_connections.idle.set(3);
  metrics.store_pool_connections.in_use.set(2);
  metrics.end_to_end.persisted.observe(0.2);
  metrics.end_to_end.broadcast.observe(0.3);
  metrics.duplicates.increment(10);
  metrics.dead_letter.with("invalid").increment(11);
  metrics.refused.with("rate_limit").increment(12);
  metrics.tls_handshakes_failed.increment(15);
  metrics.hub_messages_sent.increment(13);
  metrics.hub_slow_clients_closed.increment(14);
  metrics.disk_free.set(15);
  metrics.disk_size.set(16);
  metrics.ready.set(1);
  const telemetry::Gauge connections = metrics.hub_connections(HubTransport::web_sockets, HubProtocol::message_pack);
  connections.increment(3);
  connections.decrement();

  const std::string text = metrics.expose();
  const auto value = [&text](const std::string& sample) { return value_of(text, "message_service_" + sample); };
  EXPECT_EQ(value("publish_duration_seconds_bucket{le=\"0.0001\"}"), 1);  // a bound belongs to its bucket
  EXPECT_EQ(value("publish_duration_seconds_count"), 1);
  EXPECT_EQ(value("publish_total{outcome=\"ok\"}"), 1);
  EXPECT_EQ(value("publish_total{outcome=\"refused\"}"), 2);
  EXPECT_EQ(value("publish_total{outcome=\"unknown\"}"), 3);
  EXPECT_EQ(value("consumer_lag_records{partition=\"7\"}"), 42);
  EXPECT_EQ(value("consumed_total"), 4);
  EXPECT_EQ(value("tls_handshakes_failed_total"), 15);
  EXPECT_EQ(value("batch_size_bucket{le=\"25\"}"), 0);
  EXPECT_EQ(value("batch_size_bucket{le=\"50\"}"), 1);
  EXPECT_EQ(value("batch_flush_total{reason=\"size\"}"), 5);
  EXPECT_EQ(value("batch_flush_total{reason=\"interval\"}"), 6);
  EXPECT_EQ(value("batch_flush_total{reason=\"idle\"}"), 7);
  EXPECT_EQ(value("batch_flush_total{reason=\"shutdown\"}"), 8);
  EXPECT_EQ(value("store_write_duration_seconds_bucket{le=\"10\"}"), 0);
  EXPECT_EQ(value("store_write_duration_seconds_bucket{le=\"+Inf\"}"), 1);
  EXPECT_EQ(value("store_writes_total"), 9);
  EXPECT_EQ(value("store_pool_connections{state=\"idle\"}"), 3);
  EXPECT_EQ(value("store_pool_connections{state=\"in_use\"}"), 2);
  EXPECT_EQ(value("end_to_end_seconds_sum{stage=\"persisted\"}"), 0.2);
  EXPECT_EQ(value("end_to_end_seconds_sum{stage=\"broadcast\"}"), 0.3);
  EXPECT_EQ(value("duplicates_total"), 10);
  EXPECT_EQ(value("dead_letter_total{reason=\"invalid\"}"), 11);
  EXPECT_EQ(value("refused_total{reason=\"rate_limit\"}"), 12);
  EXPECT_EQ(value("hub_messages_sent_total"), 13);
  EXPECT_EQ(value("hub_slow_clients_closed_total"), 14);
  EXPECT_EQ(value("disk_free_bytes"), 15);
  EXPECT_EQ(value("disk_size_bytes"), 16);
  EXPECT_EQ(value("ready"), 1);
  EXPECT_EQ(value("hub_connections{protocol=\"messagepack\",transport=\"webSockets\"}"), 2);
  EXPECT_EQ(value("hub_connections{protocol=\"json\",transport=\"longPolling\"}"), 0);
  EXPECT_EQ(value("log_lines_dropped_total"), 0);
  EXPECT_EQ(value("build_info{version=\"0.1.0\",compiler=\"" + std::string(compiler()) + "\"}"), 1);
}

TEST(Metrics, RoutesCountByStatusAndAreTheSameWhenAskedForAgain) {
  Metrics metrics;
  const auto answered = metrics.route("/api/conversations/{id}/messages");
  metrics.route("/never/asked");
  answered(202, 0.01);
  answered(202, 0.01);
  metrics.route("/api/conversations/{id}/messages")(503, 0.01);
  answered(7, 0.01);
  metrics.route("/metrics")(599, 0.01);
  const std::string text = metrics.expose();
  const std::string requests = "message_service_http_requests_total{route=\"/api/conversations/{id}/messages\",status=";
  EXPECT_EQ(value_of(text, requests + "\"202\"}"), 2);
  EXPECT_EQ(value_of(text, requests + "\"503\"}"), 1);
  EXPECT_EQ(value_of(text, requests + "\"other\"}"), 1);
  EXPECT_EQ(value_of(text, "message_service_http_requests_total{route=\"/metrics\",status=\"599\"}"), 1);
  EXPECT_EQ(value_of(text,
                     "message_service_http_request_duration_seconds_count"
                     "{route=\"/api/conversations/{id}/messages\"}"),
            4);
  EXPECT_EQ(text.find("/never/asked"), std::string::npos);
}

TEST(Metrics, OpenLabelsAreBounded) {
  Metrics metrics;
  for (int i = 0; i < 1000; ++i) metrics.refused.with("reason " + std::to_string(i)).increment();
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, "message_service_refused_total{reason=\"reason 255\"}"), 1);
  EXPECT_EQ(value_of(text, "message_service_refused_total{reason=\"reason 256\"}"), -1);
  EXPECT_EQ(value_of(text, "message_service_refused_total{reason=\"other\"}"), 744);
}

TEST(Metrics, NothingIsLostBetweenThreads) {
  Metrics metrics;
  const auto answered = metrics.route("/");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        answered(200 + static_cast<unsigned>(i % 5), 0.001);
        metrics.refused.with("x").increment();
        if (i % 1000 == 0) {
          EXPECT_FALSE(metrics.expose().empty());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, "message_service_http_requests_total{route=\"/\",status=\"204\"}"), 4000);
  EXPECT_EQ(value_of(text, "message_service_http_request_duration_seconds_bucket{route=\"/\",le=\"0.001\"}"), 20'000);
  EXPECT_EQ(value_of(text, "message_service_refused_total{reason=\"x\"}"), 20'000);
}

TEST(Metrics, EveryLineIsPrometheusTextAndEveryNameHasHelpAndType) {
  Metrics metrics;
  metrics.route("/a\"b\\c\n")(200, 1);
  std::istringstream lines(metrics.expose());
  const std::regex comment(R"(# (HELP|TYPE) (message_service|process)_[a-z_]+ .+)");
  const std::regex sample(
      R"re((message_service|process)_[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? \S+)re");
  int samples = 0;
  for (std::string line; std::getline(lines, line); ++samples) {
    EXPECT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
  }
  EXPECT_GT(samples, 100);
}

TEST(ProcessStats, TellAboutThisProcess) {
  const telemetry::ProcessStats before = telemetry::read_process_stats();
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(before.resident_memory_bytes, 1U << 20);
  EXPECT_GE(before.virtual_memory_bytes, before.resident_memory_bytes);
  EXPECT_GE(before.threads, 1U);
  EXPECT_GT(before.open_files_max, before.open_files);
  EXPECT_NEAR(before.start_time_seconds, now, 3600);
  const int descriptor = dup(1);
  EXPECT_EQ(telemetry::read_process_stats().open_files, before.open_files + 1);
  close(descriptor);
}

TEST(BuildInfo, IsTheVersionOfTheProject) {
  std::ifstream file(std::filesystem::path(MESSAGE_SERVICE_SOURCE_DIR) / "CMakeLists.txt");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find("VERSION " + std::string(version()) + " "), std::string::npos);
}

}  // namespace
}  // namespace message_service
