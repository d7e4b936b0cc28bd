#include "pipeline/persist/persister.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "logging/logging.h"
#include "model/canary.h"
#include "model/record_bytes.h"
#include "observe/pipeline_log.h"

namespace message_service {

namespace {

constexpr auto kIdleWait = std::chrono::seconds(1);
constexpr int kNiceness = 10;

// When many messages arrive at once, the persister waits for the messages a moment after a batch: a larger batch costs
// less for each message, and takes the cores from accepting less often. No messages follow a smaller batch.
constexpr std::size_t kBusyBatch = 8;
constexpr auto kGatherFor = std::chrono::milliseconds(4);
constexpr std::size_t kVeryBusyBatch = 64;
constexpr auto kGatherLonger = std::chrono::milliseconds(20);

std::chrono::milliseconds gathering_behind(std::size_t batch) {
  if (batch < kBusyBatch) return std::chrono::milliseconds(0);
  return batch < kVeryBusyBatch ? kGatherFor : kGatherLonger;
}

pipeline_log::Origin origin_of(const Message& message) { return {message.correlation_id(), message.traceparent}; }

// The canary's batches would be most of the log of a service that nobody uses.
logging::Level level_of(const Batch& batch) {
  const auto is_of_canary = [](const Batch::Item& item) { return is_canary(item.message.message().conversation_id); };
  const bool has_others = batch.size() > batch.items.size() || !std::ranges::all_of(batch.items, is_of_canary);
  return has_others ? logging::Level::information : logging::Level::debug;
}

const telemetry::Counter& counter_of(const FlushReasons& counters, FlushReason reason) {
  switch (reason) {
    case FlushReason::size:
      return counters.size;
    case FlushReason::interval:
      return counters.interval;
    case FlushReason::idle:
      return counters.idle;
    case FlushReason::shutdown:
      break;
  }
  return counters.shutdown;
}

}  // namespace

Persister::Persister(const Parts& parts, Options options)
    : log_(parts.log),
      committer_({parts.store, parts.events, parts.log, parts.log_writer}),
      metrics_(parts.metrics),
      traces_(parts.traces),
      options_(std::move(options)),
      open_dead_letters_(parts.store_reader, options_.dead_letter_order),
      classifier_(options_.limits,
                  {parts.log, parts.conversations, parts.store_reader, open_dead_letters_, parts.versions}),
      waiting_(parts.versions.reads),
      batcher_(options_.batching) {
  clear();
}

Persister::~Persister() { stop(std::chrono::milliseconds(0)); }

void Persister::start() {
  thread_ = std::thread([this] { run(); });
}

void Persister::stop(std::chrono::milliseconds drain_timeout) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    drain_until_ = base::SteadyClock::now() + drain_timeout;
    stopping_ = true;
  }
  stop_.notify_all();
  log_.interrupt();
  thread_.join();
}

void Persister::run() {
  pthread_setname_np(pthread_self(), "persister");
  // Accepting has priority: when the cores are busy, batches grow instead, and cost less for each message.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
  while (!out_of_time()) {
    const bool stopping = stopping_;  // read first: records appended before it was set are still read below
    const bool idle = (stopping && !options_.empties_log) || !read();
    if (out_of_time()) return;  // the records read may be unclassified: none of them may count as done
    if (const auto reason = batcher_.due(base::SteadyClock::now(), idle)) {
      flush(*reason);
    } else if (stopping && idle) {
      if (batch_.size() == 0) return;
      flush(FlushReason::shutdown);
    }
  }
}

// False when there was nothing to read.
bool Persister::read() {
  const base::SteadyTime now = base::SteadyClock::now();
  waiting_.remind(now);
  auto polled = log_.poll(batcher_.room(), batcher_.wait_until(now, now + kIdleWait));
  if (!polled) {
    logging::error("The log cannot be read: " + polled.error().text);
    pause(backoff_.next());
    return false;
  }
  if (polled->start_over) {
    clear();
    open_dead_letters_.forget();
    waiting_.clear();
  }
  while (!learn_open_dead_letters()) {
    if (polled->records.empty() || !pause(backoff_.next())) return false;
  }
  if (polled->records.empty()) return false;
  metrics_.consumed.increment(static_cast<double>(polled->records.size()));
  const base::SteadyTime read_at = base::SteadyClock::now();
  const Taken taken = sort(std::move(polled->records));
  batcher_.add(taken.records, taken.bytes, read_at);
  return true;
}

// False when the store cannot be read.
bool Persister::learn_open_dead_letters() {
  OpenDeadLetters::Partitions partitions;
  for (const PartitionLag& lag : log_.lag()) partitions.push_back(lag.partition);
  const auto loaded = open_dead_letters_.load(partitions);
  if (!loaded) logging::warning("The open dead letters cannot be read: " + loaded.error().text);
  show_open_dead_letters();
  return loaded.has_value();
}

// Several persisters of a process share the gauge.
void Persister::show_open_dead_letters() {
  const std::uint64_t before = std::exchange(shown_open_dead_letters_, open_dead_letters_.count());
  metrics_.dead_letters_open.increment(static_cast<double>(shown_open_dead_letters_) - static_cast<double>(before));
}

Persister::Taken Persister::sort(std::vector<ConsumedRecord> records) {
  const std::size_t known = batch_.items.size();
  Taken taken;
  if (known == 0) batch_.items.reserve(records.size());
  for (ConsumedRecord& consumed : records) {
    if (waiting_.holds(consumed.position.partition)) continue;
    while (true) {
      const std::size_t bytes = bytes_of(consumed.record);
      const auto classified = classifier_.classify_into(batch_, consumed);
      if (classified && *classified == Classified::needs_newer_program) stop_at(consumed);
      if (classified && *classified == Classified::taken) {
        ++taken.records;
        taken.bytes += bytes;
      }
      if (classified) break;
      logging::warning("Nobody can be asked about a record: " + classified.error().text);
      if (!pause(backoff_.next())) return taken;
    }
  }
  for (std::size_t i = known; i < batch_.items.size(); ++i) {
    const Message& message = batch_.items[i].message.message();
    pipeline_log::received_requested(message.temporary_message_id, origin_of(message));
  }
  backoff_.reset();
  return taken;
}

// The persister reads and skips the later records of the partition; the log returns all of them again from the
// committed position.
void Persister::stop_at(const ConsumedRecord& consumed) {
  waiting_.add({.from = consumed.position, .requires_version = *required_version(consumed.record)},
               base::SteadyClock::now());
}

void Persister::flush(FlushReason reason) {
  const logging::Level level = level_of(batch_);
  pipeline_log::flushing_batch(batch_.size(), options_.store_name, level);
  BatchTrace trace(traces_, batch_);
  while (true) {
    const base::SteadyTime started = base::SteadyClock::now();
    auto committed = committer_.commit(batch_, trace);
    const base::SteadyTime finished = base::SteadyClock::now();
    if (committed) {
      metrics_.batch_size.observe(static_cast<double>(batch_.size()));
      metrics_.store_write_duration.observe(base::seconds_between(started, finished));
      counter_of(metrics_.batch_flush, reason).increment();
      pipeline_log::batch_completed(batch_.size(), finished - started, level);
      open_dead_letters_.committed(*committed);
      show_open_dead_letters();
      report(*committed);
      trace.committed(*committed);
      break;
    }
    logging::error("A batch cannot be stored and will be tried again: " + committed.error().text,
                   {{"messages", batch_.size()}});
    if (!pause(backoff_.next())) return;
    if (log_.starts_over()) return clear();  // may never succeed: its partitions are another reader's, or new ones
  }
  backoff_.reset();
  // With a full batch the log is ahead already, and there is nothing to wait for.
  const auto wait = batcher_.room() > 0 ? gathering_behind(batch_.size()) : std::chrono::milliseconds(0);
  clear();
  if (wait.count() > 0) gather(wait);
}

// Lets the log grow for a moment, unless the service stops.
void Persister::gather(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  stop_.wait_for(lock, wait, [this] { return stopping_.load(); });
}

void Persister::clear() {
  batch_ = {};
  batch_.order = options_.dead_letter_order;
  batcher_.flushed();
}

void Persister::report(const Committed& committed) const {
  const base::Timestamp now = base::wall_now();
  metrics_.store_writes.increment(static_cast<double>(committed.stored.size()));
  metrics_.duplicates.increment(static_cast<double>(committed.duplicates));
  if (committed.moved > 0) {
    metrics_.moved.increment(static_cast<double>(committed.moved));
    logging::info("Records of other programs lay in partitions that are not their conversations', and were moved",
                  {{"records", committed.moved}});
  }
  for (const Stored& stored : committed.stored) {
    const Message& message = stored.message();
    metrics_.end_to_end.persisted.observe(static_cast<double>(now - message.requested_at) / 1000);
    if (logging::enabled(logging::Level::debug)) {
      const std::string id = base::to_hex(stored.id());
      pipeline_log::persisted(message.temporary_message_id, id, origin_of(message));
      pipeline_log::published_sent(id, origin_of(message));
    }
  }
  for (const DeadLetter& letter : committed.dead_letters) {
    metrics_.dead_letter.with(to_text(letter.reason)).increment();
    // A letter that waits for another one is no trouble of its own, and there may be many.
    const bool waits = letter.reason == DeadReason::parked || letter.reason == DeadReason::discarded;
    logging::write(waits ? logging::Level::debug : logging::Level::warning, "A record went to the dead-letter queue",
                   {{"reason", to_text(letter.reason)},
                    {"error", letter.error},
                    {"partition", letter.source.position.partition},
                    {"offset", letter.source.position.offset}});
  }
}

// Waits; false when there is no time left to try again.
bool Persister::pause(std::chrono::milliseconds wait) {
  log_.keep_alive();
  std::unique_lock lock(mutex_);
  stop_.wait_for(lock, wait, [this] { return stopping_.load(); });
  lock.unlock();
  if (stopping_ && !out_of_time()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return !out_of_time();
}

bool Persister::out_of_time() const { return base::SteadyClock::now() >= drain_until_.load(); }

}  // namespace message_service
