#include "otlp/exporter.h"

#include <pthread.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "http/client/url.h"

namespace otlp {

namespace {

constexpr auto look_up_step = std::chrono::milliseconds(20);  // between two looks at the time

bool is_temporary(unsigned status) { return status == 429 || status == 502 || status == 503 || status == 504; }

// Retry-After in seconds; a date counts as none.
std::chrono::milliseconds wait_of(const std::string& retry_after) {
  std::uint32_t seconds = 0;
  const char* const end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end) return std::chrono::milliseconds(0);
  return std::chrono::seconds(seconds);
}

}  // namespace

Exporter::Exporter(ExporterOptions options, Resource resource, ExportObserver& observer)
    : options_(std::move(options)), resource_(std::move(resource)), observer_(observer), thread_([this] { run(); }) {}

Exporter::~Exporter() { stop(std::chrono::milliseconds(0)); }

void Exporter::take(tracing::SpanRecord&& span) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!stopping_ && queue_.size() < options_.queue_spans_max) {
      queue_.push_back(std::move(span));
      wake = queue_.size() == options_.batch_spans;
    } else {
      observer_.dropped(1);
    }
  }
  if (wake) wake_.notify_one();
}

void Exporter::stop(std::chrono::milliseconds time_left) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    stop_at_ = base::SteadyClock::now() + time_left;
    wake_.notify_one();
    if (!ended_.wait_until(lock, stop_at_, [this] { return finished_; }) && client_) client_->abort();
  }
  thread_.join();
  if (!queue_.empty()) observer_.dropped(queue_.size());
  queue_.clear();
}

void Exporter::run() {
  pthread_setname_np(pthread_self(), "traces");
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) send(batch);
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  ended_.notify_one();
}

// Empty when the exporter has to stop.
std::vector<tracing::SpanRecord> Exporter::next_batch() {
  std::unique_lock lock(mutex_);
  do {
    wake_.wait_for(lock, options_.interval, [this] { return stopping_ || queue_.size() >= options_.batch_spans; });
  } while (queue_.empty() && !stopping_);
  if (base::SteadyClock::now() >= stop_at_) return {};
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_spans));
  std::vector<tracing::SpanRecord> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void Exporter::send(const std::vector<tracing::SpanRecord>& batch) {
  const std::string body = encode_request(resource_, batch);
  const base::SteadyTime give_up_at = base::SteadyClock::now() + options_.retry_for;
  base::Backoff backoff(options_.retry_first, options_.retry_longest);
  while (true) {
    std::string reason;
    std::chrono::milliseconds asked_wait{0};
    const Outcome outcome = try_once(body, reason, asked_wait);
    if (outcome == Outcome::taken) {
      const std::size_t rejected = std::min<std::uint64_t>(rejected_, batch.size());
      observer_.exported(batch.size() - rejected);
      if (rejected > 0) observer_.failed(rejected, "the server has taken a part of them only");
      return;
    }
    if (outcome == Outcome::refused) return observer_.failed(batch.size(), reason);
    const auto wait = std::max(backoff.next(), std::min(asked_wait, options_.retry_longest));
    if (base::SteadyClock::now() + wait >= give_up_at) return observer_.failed(batch.size(), reason);
    observer_.retrying(reason);
    if (!pause(wait)) return observer_.dropped(batch.size());
  }
}

Exporter::Outcome Exporter::try_once(const std::string& body, std::string& reason,
                                     std::chrono::milliseconds& asked_wait) {
  const auto answer = post(body);
  if (!answer) {
    reason = answer.error().text;
    const std::scoped_lock lock(mutex_);
    client_.reset();  // the host may have another address by now
    return answer.error().code == base::ErrorCode::invalid ? Outcome::refused : Outcome::later;
  }
  if (answer->status / 100 == 2) {
    rejected_ = rejected_spans(answer->body).value_or(0);
    return Outcome::taken;
  }
  reason = options_.endpoint + " answers " + std::to_string(answer->status);
  asked_wait = wait_of(answer->retry_after);
  return is_temporary(answer->status) ? Outcome::later : Outcome::refused;
}

base::Result<http::Answer> Exporter::post(const std::string& body) {
  const auto resource = http::parse_resource(options_.endpoint);
  if (!resource) return resource.error();
  std::shared_ptr<http::Client> client = client_;
  if (!client) {
    auto server = look_up(resource->server);
    if (!server) return server.error();
    client =
        std::make_shared<http::Client>(std::move(*server), options_.timeout,
                                       http::ClientOptions{.ca_file = options_.ca_file, .headers = options_.headers});
    const std::scoped_lock lock(mutex_);
    client_ = client;
    if (base::SteadyClock::now() >= stop_at_) client->abort();
  }
  return client->post(resource->target, "application/x-protobuf", body);
}

// The system's look-up of a host cannot be cut off, and may take longer than a stop has time. So it has a thread of its
// own, which a stop leaves behind; there is one at a time.
base::Result<http::ServerAddress> Exporter::look_up(const std::string& server) {
  struct LookUp {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<base::Result<http::ServerAddress>> address;
  };
  const auto asked = std::make_shared<LookUp>();
  std::thread([asked, server] {
    auto address = http::resolve(server);
    const std::scoped_lock lock(asked->mutex);
    asked->address = std::move(address);
    asked->done.notify_one();
  }).detach();
  std::unique_lock lock(asked->mutex);
  while (!asked->done.wait_for(lock, look_up_step, [&] { return asked->address.has_value(); })) {
    if (is_out_of_time())
      return base::Error{base::ErrorCode::unavailable, "the look-up of " + server + " takes too long"};
  }
  return std::move(*asked->address);
}

bool Exporter::is_out_of_time() {
  const std::scoped_lock lock(mutex_);
  return base::SteadyClock::now() >= stop_at_;
}

bool Exporter::pause(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (stopping_) return false;
  wake_.wait_for(lock, wait, [this] { return stopping_; });
  return true;
}

}  // namespace otlp
