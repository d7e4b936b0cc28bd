// The exporter against our server, which plays the collector.
#include "otlp/exporter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "http/server/server.h"
#include "otlp/wire.h"
#include "runtime/rest.h"
#include "tracing/tracer.h"

namespace otlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Counts final : ExportObserver {
  void exported(std::size_t spans) override { taken += spans; }
  void dropped(std::size_t spans) override { lost += spans; }
  void failed(std::size_t spans, std::string_view) override { refused += spans; }
  void retrying(std::string_view) override { ++retries; }
  std::size_t all() const { return taken + lost + refused; }
  std::atomic<std::size_t> taken = 0, lost = 0, refused = 0, retries = 0;
};

class ExporterTest : public testing::Test {
 protected:
  ExporterTest() {
    router.add("POST", "/v1/traces", [this](http::Exchange& exchange) -> runtime::Awaitable<http::Response> {
      ++requests;
      {
        const std::scoped_lock lock(mutex);
        token = exchange.request.header("Authorization");
        content_type = exchange.request.header("Content-Type");
      }
      co_await runtime::rest(exchange.shard, delay);
      http::Response response{.status = refusals > 0 ? status.load() : 200U, .body = body};
      if (refusals > 0) --refusals;
      if (response.status == 429) response.headers.emplace_back("Retry-After", "1");
      co_return response;
    });
    http::ServerOptions options;
    options.addresses = {{"127.0.0.1", 0, false}};
    server.emplace(shards, router, cors, std::move(options));
    port = server->listen().value();
    for (const auto& shard : shards) shard->start();
  }
  ~ExporterTest() override {
    server->drain();
    for (int n = 0; n < 5'000 && server->sessions() > 0; ++n) std::this_thread::sleep_for(milliseconds(1));
    for (const auto& shard : shards) shard->stop();
  }

  ExporterOptions options() const {
    ExporterOptions made;
    made.endpoint = "http://127.0.0.1:" + std::to_string(port) + "/v1/traces";
    made.headers = {{"Authorization", "Bearer abc"}};
    made.interval = milliseconds(10);
    made.retry_first = milliseconds(5);
    made.retry_longest = milliseconds(20);
    return made;
  }
  // Sends when there are five spans, and not before.
  ExporterOptions in_fives() const {
    ExporterOptions made = options();
    made.interval = seconds(60);
    made.batch_spans = 5;
    return made;
  }
  static void make_spans(Exporter& exporter, std::size_t count) {
    const tracing::Tracer tracer(tracing::Sampler(), exporter);
    for (std::size_t i = 0; i < count; ++i) tracer.start_root("work", tracing::SpanKind::internal);
  }
  template <class Condition>
  static bool comes_true(Condition condition) {
    for (int n = 0; n < 10'000 && !condition(); ++n) std::this_thread::sleep_for(milliseconds(1));
    return condition();
  }

  std::atomic<int> requests = 0;
  std::atomic<int> refusals = 0;  // so many requests are answered with `status`
  std::atomic<unsigned> status = 503;
  std::atomic<milliseconds> delay{milliseconds(0)};
  std::string body;
  std::mutex mutex;
  std::string token, content_type;
  runtime::Shards shards{1};
  http::CorsPolicy cors{{}};
  http::Router router;
  std::optional<http::Server> server;
  std::uint16_t port = 0;
  Counts counts;
};

TEST_F(ExporterTest, SendsABatchAfterTheIntervalAndAFullOneAtOnce) {
  ExporterOptions given = options();
  given.batch_spans = 100;
  Exporter exporter(given, {}, counts);
  make_spans(exporter, 3);
  EXPECT_TRUE(comes_true([&] { return counts.taken == 3; }));
  EXPECT_LE(requests, 3);
  {
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(token, "Bearer abc");
    EXPECT_EQ(content_type, "application/x-protobuf");
  }
  make_spans(exporter, 350);
  EXPECT_TRUE(comes_true([&] { return counts.taken == 353; }));
  EXPECT_EQ(counts.all(), 353U);
}

TEST_F(ExporterTest, TriesAgainWhatTheServerMayTakeLater) {
  for (const unsigned temporary : {429U, 502U, 503U, 504U}) {
    status = temporary;
    refusals = 2;
    const std::size_t before = counts.taken;
    Exporter exporter(in_fives(), {}, counts);
    make_spans(exporter, 5);
    EXPECT_TRUE(comes_true([&] { return counts.taken == before + 5; })) << temporary;
  }
  EXPECT_EQ(counts.retries, 8U);
  EXPECT_EQ(counts.all(), 20U);
}

TEST_F(ExporterTest, GivesUpWhatTheServerNeverTakes) {
  status = 400;
  refusals = 1;
  Exporter exporter(in_fives(), {}, counts);
  make_spans(exporter, 5);
  EXPECT_TRUE(comes_true([&] { return counts.refused == 5; }));
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(counts.retries, 0U);
}

TEST_F(ExporterTest, CountsTheSpansThatTheServerHasRefused) {
  Writer response;
  response.message(1, [&] { response.varint(1, 2); });
  body = std::move(response).take();
  Exporter exporter(in_fives(), {}, counts);
  make_spans(exporter, 5);
  EXPECT_TRUE(comes_true([&] { return counts.all() == 5; }));
  EXPECT_EQ(counts.taken, 3U);
  EXPECT_EQ(counts.refused, 2U);
}

TEST_F(ExporterTest, DropsWhatFindsNoRoomAndMakesNobodyWait) {
  delay = seconds(3);
  ExporterOptions given = options();
  given.queue_spans_max = 10;
  given.batch_spans = 10;
  Exporter exporter(given, {}, counts);
  make_spans(exporter, 10);
  ASSERT_TRUE(comes_true([&] { return requests == 1; }));  // the queue is empty now, and nobody reads it
  const base::SteadyTime started = base::SteadyClock::now();
  make_spans(exporter, 1'000);
  EXPECT_LT(base::SteadyClock::now() - started, seconds(1));
  EXPECT_EQ(counts.lost, 990U);
  exporter.stop(milliseconds(0));
  EXPECT_LT(base::SteadyClock::now() - started, seconds(2));
  EXPECT_EQ(counts.all(), 1'010U);
}

TEST_F(ExporterTest, GivesUpABatchAfterSomeTime) {
  ExporterOptions given = options();
  given.endpoint = "http://127.0.0.1:1/v1/traces";
  given.retry_for = milliseconds(500);
  Exporter exporter(given, {}, counts);
  make_spans(exporter, 5);
  EXPECT_TRUE(comes_true([&] { return counts.refused == 5; }));
  EXPECT_GE(counts.retries, 2U);
}

TEST_F(ExporterTest, SendsWhatWaitsBeforeItStops) {
  ExporterOptions given = options();
  given.interval = seconds(60);
  given.batch_spans = 4;
  Exporter exporter(given, {}, counts);
  make_spans(exporter, 3);
  exporter.stop(seconds(5));
  EXPECT_EQ(counts.taken, 3U);
  make_spans(exporter, 2);
  EXPECT_EQ(counts.lost, 2U);
}

TEST_F(ExporterTest, TriesNothingTwiceWhileItStops) {
  refusals = 1'000'000;
  ExporterOptions given = in_fives();
  given.retry_first = seconds(60);
  given.retry_longest = seconds(60);
  given.retry_for = seconds(600);
  Exporter exporter(given, {}, counts);
  make_spans(exporter, 5);
  ASSERT_TRUE(comes_true([&] { return counts.retries == 1; }));
  make_spans(exporter, 8);
  const base::SteadyTime started = base::SteadyClock::now();
  exporter.stop(seconds(30));
  EXPECT_LT(base::SteadyClock::now() - started, seconds(10));
  EXPECT_EQ(counts.lost, 13U);
  EXPECT_EQ(requests, 4);  // the first batch once more, and two others
}

}  // namespace
}  // namespace otlp
