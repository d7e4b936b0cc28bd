#include "adapters/embedded/retention.h"

#include <pthread.h>
#include <rocksdb/convenience.h>

#include <algorithm>

#include "adapters/embedded/store/sent_reader.h"

namespace message_service::embedded {

namespace {

// The first offset in [from, to) for which `holds` is true. It must be true for all later offsets, too.
template <class Predicate>
std::int64_t first_where(std::int64_t from, std::int64_t to, Predicate holds) {
  while (from < to) {
    const std::int64_t middle = from + (to - from) / 2;
    if (holds(middle)) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

}  // namespace

Retention::Retention(MessageLog& log, Database& database, const EmbeddedEventSource& events, const Options& options)
    : log_(log), database_(database), events_(events), options_(options), thread_([this] { run(); }) {}

Retention::~Retention() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Retention::run() {
  pthread_setname_np(pthread_self(), "retention");
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, options_.retention_interval, [this] { return stopping_; })) {
    lock.unlock();
    enforce();
    lock.lock();
  }
}

void Retention::enforce() {
  // Records that the store may lose in a power cut must stay in the log.
  const std::int64_t committed = database_.committed_offset();
  if (database_.sync()) log_.segments->trim(committed, options_.retention_bytes_max, oldest());
  trim_sent(events_.next_sent());
}

// `done`: records below it have taken effect.
void Retention::trim_sent(std::int64_t done) {
  const std::int64_t end = std::min(done, database_.end(Table::sent).next() - 1);
  const auto event = SentReader(database_.db(), database_.table(Table::sent), 0).next();
  if (!event || !*event) return;
  const std::int64_t first = (*event)->offset;
  if (first >= end) return;
  const std::int64_t keep = std::max(first_younger(first, end), first_within_bytes(first, end));
  if (keep == first) return;

  const std::string from = number_key(static_cast<std::uint64_t>(first));
  const std::string to = number_key(static_cast<std::uint64_t>(keep));
  auto* const table = database_.table(Table::sent);
  // Deletes whole files. Events that are in no file yet stay a little longer; after an error, all of them stay longer.
  const rocksdb::Slice from_slice(from);
  const rocksdb::Slice to_slice(to);
  const rocksdb::RangePtr gone(&from_slice, &to_slice);
  rocksdb::DeleteFilesInRanges(&database_.db(), table, &gone, 1, false).PermitUncheckedError();
}

std::int64_t Retention::first_younger(std::int64_t from, std::int64_t to) const {
  return first_where(from, to, [&, since = oldest()](std::int64_t offset) {
    const auto written_at = time_of(offset);
    return !written_at || *written_at >= since;  // never delete on a guess
  });
}

base::Timestamp Retention::oldest() const { return base::wall_now() - options_.retention_age_max.count(); }

std::optional<base::Timestamp> Retention::time_of(std::int64_t offset) const {
  SentReader reader(database_.db(), database_.table(Table::sent), offset);
  const auto event = reader.next();
  if (!event || !*event) return std::nullopt;
  const auto stored = read_sent_message(database_, (*event)->entry);
  return stored ? std::optional(stored->persisted_at()) : std::nullopt;
}

std::int64_t Retention::first_within_bytes(std::int64_t from, std::int64_t to) const {
  const std::int64_t end = database_.end(Table::sent).next();
  return first_where(from, to,
                     [&](std::int64_t offset) { return bytes_between(offset, end) <= options_.retention_bytes_max; });
}

std::uint64_t Retention::bytes_between(std::int64_t from, std::int64_t to) const {
  const std::string start = number_key(static_cast<std::uint64_t>(from));
  const std::string limit = number_key(static_cast<std::uint64_t>(to));
  const rocksdb::Range range(start, limit);
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  std::uint64_t bytes = 0;
  database_.db().GetApproximateSizes(options, database_.table(Table::sent), &range, 1, &bytes).PermitUncheckedError();
  return bytes;
}

}  // namespace message_service::embedded
