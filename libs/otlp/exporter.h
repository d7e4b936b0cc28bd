// Sends spans to a collector by OTLP over HTTP, in the background.
//
// take() never waits: spans wait in a bounded queue, and those that find no room are dropped and counted. One thread of
// the exporter sends them in batches. It tries again what the server may take later (429, 502, 503, 504, no answer),
// for a bounded time. Construct it before the tracers that use it; destroy it after the last of their spans has ended.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/bounds.h"
#include "base/clock.h"
#include "http/client/client.h"
#include "otlp/encoder.h"
#include "tracing/span.h"

namespace otlp {

struct ExporterOptions {
  std::string endpoint;  // the whole URL, such as http://127.0.0.1:4318/v1/traces
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string ca_file{};                                         // see http::ClientOptions
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of one request
  static constexpr base::Bounds<std::chrono::milliseconds> timeout_bounds{std::chrono::milliseconds(1),
                                                                          std::chrono::minutes(10)};
  std::size_t queue_spans_max = 8192;
  static constexpr base::Bounds<std::size_t> queue_spans_bounds{1, 1'000'000};
  std::size_t batch_spans = 512;                                 // a batch that is sent at once
  std::chrono::milliseconds interval = std::chrono::seconds(1);  // how long a smaller one waits
  std::chrono::milliseconds retry_first = std::chrono::milliseconds(500);
  std::chrono::milliseconds retry_longest = std::chrono::seconds(5);  // also of what the server asks for
  std::chrono::milliseconds retry_for = std::chrono::seconds(30);     // then the batch is given up
};

// Told of every span once. Must be quick. dropped() comes from any thread, the others from the exporter's.
class ExportObserver {
 public:
  virtual ~ExportObserver() = default;
  virtual void exported(std::size_t spans) = 0;
  // The queue was full, or the exporter had to stop.
  virtual void dropped(std::size_t spans) = 0;
  // The server has refused them, or has not answered in all the time for retries.
  virtual void failed(std::size_t spans, std::string_view reason) = 0;
  // The server did not take a batch now, and the exporter tries again.
  virtual void retrying(std::string_view reason) = 0;
};

class Exporter final : public tracing::SpanSink {
 public:
  // `observer` outlives it. The endpoint must be a URL that http::parse_resource() reads.
  Exporter(ExporterOptions options, Resource resource, ExportObserver& observer);
  ~Exporter() override;

  void take(tracing::SpanRecord&& span) override;

  // Sends what waits, each batch once and for at most this time all together; then drops the rest, and all that come
  // later. Idempotent.
  void stop(std::chrono::milliseconds time_left);

 private:
  enum class Outcome { taken, later, refused };

  void run();
  std::vector<tracing::SpanRecord> next_batch();
  void send(const std::vector<tracing::SpanRecord>& batch);
  Outcome try_once(const std::string& body, std::string& reason, std::chrono::milliseconds& asked_wait);
  base::Result<http::Answer> post(const std::string& body);
  base::Result<http::ServerAddress> look_up(const std::string& server);
  bool is_out_of_time();
  bool pause(std::chrono::milliseconds wait);  // false: the exporter stops, and nothing is tried again

  const ExporterOptions options_;
  const Resource resource_;
  ExportObserver& observer_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable ended_;
  std::deque<tracing::SpanRecord> queue_;
  std::shared_ptr<http::Client> client_;  // null: the next request makes one
  bool stopping_ = false;
  bool finished_ = false;
  base::SteadyTime stop_at_ = base::SteadyTime::max();
  std::uint64_t rejected_ = 0;  // of the last request
  std::thread thread_;          // last: it uses the others
};

}  // namespace otlp
