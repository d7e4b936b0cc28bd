#include "adapters/embedded/log/group_commit_writer.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/embedded/topic/record_codec.h"
#include "wire/event_json.h"

namespace message_service::embedded {

namespace {

// The longest sleep of the thread, which must heal a sick disk and sync the store's writes.
constexpr auto kUpkeepInterval = std::chrono::milliseconds(100);

// When many clients write at once, the thread waits a moment for requests that follow the first: fewer syncs are worth
// the moment. No requests follow a group below kBusyGroupRecords. The kernel must not round the moment up: its slack is
// 50 µs by default (prctl(2)).
constexpr std::size_t kBusyGroupRecords = 8;
constexpr auto kGatherFor = std::chrono::microseconds(200);
constexpr unsigned long kTimerSlackNs = 1;

}  // namespace

GroupCommitWriter::GroupCommitWriter(MessageLog& log, DurabilityMark& mark, DiskHealth& disk, Store store,
                                     const AppendOptions& options)
    : log_(log), mark_(mark), disk_(disk), store_(std::move(store)), options_(options), thread_([this] { run(); }) {}

GroupCommitWriter::~GroupCommitWriter() { drain(); }

void GroupCommitWriter::append(std::shared_ptr<const Admitted> message, Handler handler) {
  enqueue({.message = std::move(message), .record = nullptr, .handler = std::move(handler)});
}

void GroupCommitWriter::append_record(LogRecord record, std::optional<std::int32_t> /*partition*/, Handler handler) {
  enqueue({.message = nullptr,
           .record = std::make_unique<const LogRecord>(std::move(record)),
           .handler = std::move(handler)});
}

// The memory that a waiting record takes, roughly.
std::size_t GroupCommitWriter::bytes_of(const Waiting& waiting) {
  return waiting.record ? encoded_bytes_max(*waiting.record) : memory_of(waiting.message->message());
}

void GroupCommitWriter::enqueue(Waiting waiting) {
  const std::size_t bytes = bytes_of(waiting);
  std::unique_lock lock(mutex_);
  if (const auto refused = refusal(bytes)) {
    lock.unlock();
    return waiting.handler(*refused);
  }
  const bool first = queue_.empty();
  queued_bytes_ += bytes;
  queue_.push_back(std::move(waiting));
  lock.unlock();
  if (first) wake_.notify_one();
}

std::optional<base::Error> GroupCommitWriter::refusal(std::size_t bytes) {
  const auto refused = [](const char* text, std::string_view reason) {
    return base::Error{base::ErrorCode::refused, text, reason};
  };
  if (draining_) return refused("the service is stopping", "stopping");
  if (!disk_.healthy()) return refused("the disk is nearly full or does not take writes", "disk");
  if (queue_.size() >= options_.queue_records_max || queued_bytes_ + bytes > options_.queue_bytes_max) {
    return refused("too many messages wait for the log", "append-queue");
  }
  const std::int64_t lag = log_.end.next() - store_.committed_offset();
  if (lag >= options_.lag_records_max) return refused("too many messages wait to be stored", "lag");
  if (would_wait_too_long()) return refused("messages wait too long for the log", "queue-wait");
  return std::nullopt;
}

// A batch may wait as long as the write before it takes: a slow log is no reason to refuse. More than a batch is a
// queue of our own. The write that is under way takes about as long as the last one.
bool GroupCommitWriter::would_wait_too_long() {
  if (queue_.size() < options_.batch_records) {
    crowded_since_.reset();
    return false;
  }
  const base::SteadyTime now = base::SteadyClock::now();
  if (!crowded_since_) crowded_since_ = now;
  const bool write_is_long = write_began_ && *write_began_ + write_took_ - now > options_.queue_wait_max;
  return write_is_long || now - *crowded_since_ > options_.queue_wait_max;
}

void GroupCommitWriter::drain() {
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
  }
  wake_.notify_one();
  const std::scoped_lock joining(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void GroupCommitWriter::run() {
  pthread_setname_np(pthread_self(), "log-writer");
  prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
  while (true) {
    auto group = next_group();
    if (!disk_.healthy()) heal();
    if (!group.empty()) {
      write_group(group);
    } else {
      store_.sync();
      const std::scoped_lock lock(mutex_);
      if (draining_ && queue_.empty()) return;
    }
  }
}

// Waits for work. Returns an empty group when there is none for a while.
std::vector<GroupCommitWriter::Waiting> GroupCommitWriter::next_group() {
  std::unique_lock lock(mutex_);
  if (write_began_) write_took_ = base::SteadyClock::now() - *write_began_;
  write_began_.reset();
  wake_.wait_for(lock, kUpkeepInterval, [this] { return !queue_.empty() || draining_; });
  if (last_group_records_ >= kBusyGroupRecords) {
    const std::size_t enough = 4 * last_group_records_;
    wake_.wait_for(lock, kGatherFor, [&] { return queue_.size() >= enough || draining_; });
  }

  std::vector<Waiting> group;
  if (queue_.size() <= options_.group_records_max) {
    group.swap(queue_);
    queued_bytes_ = 0;
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(options_.group_records_max);
    group.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    for (const Waiting& waiting : group) queued_bytes_ -= bytes_of(waiting);
  }
  last_group_records_ = group.size();
  if (!group.empty()) write_began_ = base::SteadyClock::now();
  return group;
}

void GroupCommitWriter::heal() {
  if (!disk_.check_room(DiskHealth::Purpose::new_messages)) return;
  disk_.report(DiskHealth::Part::log, log_.segments->heal());
  store_.heal();
}

void GroupCommitWriter::write_group(std::vector<Waiting>& group) {
  const std::int64_t first = log_.end.next();
  const auto written = make_durable(group);
  if (written) hand_on(group, first);
  std::int64_t offset = first;
  for (const Waiting& waiting : group) {
    if (written) {
      waiting.handler(Receipt{{.partition = 0, .offset = offset++}});
    } else {
      waiting.handler(written.error());
    }
  }
}

base::Result<void> GroupCommitWriter::make_durable(const std::vector<Waiting>& group) {
  if (auto room = disk_.check_room(DiskHealth::Purpose::new_messages); !room) return room;
  stage(group);
  auto committed = log_.segments->commit();
  disk_.report(DiskHealth::Part::log, log_.segments->healthy());
  if (committed) mark_.raise_log_to(log_.segments->end());
  return committed;
}

void GroupCommitWriter::stage(const std::vector<Waiting>& group) {
  for (const Waiting& waiting : group) {
    if (waiting.message) wire::write_requested_record(waiting.message->message(), record_);
    log_.segments->stage(waiting.message ? record_ : *waiting.record);
  }
}

// Passes the messages to the reader, before any handler learns that the records are durable.
void GroupCommitWriter::hand_on(std::vector<Waiting>& group, std::int64_t first) {
  std::vector<std::shared_ptr<const Admitted>> messages;
  messages.reserve(group.size());
  for (Waiting& waiting : group) messages.push_back(std::move(waiting.message));
  log_.tail.add(first, std::move(messages));
  log_.end.advance_to(first + static_cast<std::int64_t>(group.size()));
}

}  // namespace message_service::embedded
