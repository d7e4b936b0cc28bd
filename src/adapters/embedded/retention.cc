#include "adapters/embedded/retention.h"

#include <pthread.h>
#include <rocksdb/convenience.h>

#include <algorithm>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/sent_entry.h"
#include "adapters/embedded/topic_reader.h"

namespace message_service::embedded {

namespace {

// The first offset in [from, to) for which `holds`; once it holds it holds for all later ones.
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

Retention::Retention(Database& database, const EmbeddedEventSource& events, const Options& options)
    : database_(database), events_(events), options_(options), thread_([this] { run(); }) {}

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
  database_.sync();  // what the log made again after a power cut must not be gone from it
  trim(Table::requested, database_.committed_offset());
  trim(Table::sent, events_.next_sent());
}

// `done`: records below it have taken effect.
void Retention::trim(Table topic, std::int64_t done) {
  const std::int64_t end = std::min(done, database_.end(topic).next() - 1);
  const auto first = first_offset(database_, topic);
  if (!first || *first >= end) return;
  const std::int64_t keep = std::max(first_younger(topic, *first, end), first_within_bytes(topic, *first, end));
  if (keep == *first) return;

  const std::string from = number_key(static_cast<std::uint64_t>(*first));
  const std::string to = number_key(static_cast<std::uint64_t>(keep));
  auto* const table = database_.table(topic);
  // Unsynced on purpose: what comes back after a crash is only kept a little longer. The same goes for an error.
  database_.db().DeleteRange({}, table, from, to).PermitUncheckedError();
  const rocksdb::Slice from_slice(from);
  const rocksdb::Slice to_slice(to);
  const rocksdb::RangePtr gone(&from_slice, &to_slice);
  rocksdb::DeleteFilesInRanges(&database_.db(), table, &gone, 1, false).PermitUncheckedError();
}

std::int64_t Retention::first_younger(Table topic, std::int64_t from, std::int64_t to) const {
  const Timestamp oldest = wall_now() - options_.retention_age_max.count();
  return first_where(from, to, [&](std::int64_t offset) {
    const auto written_at = time_of(topic, offset);
    return !written_at || *written_at >= oldest;  // never delete on a guess
  });
}

std::optional<Timestamp> Retention::time_of(Table topic, std::int64_t offset) const {
  const auto bytes = database_.get(topic, number_key(static_cast<std::uint64_t>(offset)));
  if (!bytes || !*bytes) return std::nullopt;
  if (topic == Table::sent) {
    const auto entry = decode_sent_entry(**bytes);
    if (!entry) return std::nullopt;
    const auto stored = read_sent_message(database_, *entry);
    return stored ? std::optional(stored->persisted_at()) : std::nullopt;
  }
  const auto record = decode_record(**bytes);
  return record ? std::optional(record->timestamp) : std::nullopt;
}

std::int64_t Retention::first_within_bytes(Table topic, std::int64_t from, std::int64_t to) const {
  const std::int64_t end = database_.end(topic).next();
  return first_where(
      from, to, [&](std::int64_t offset) { return bytes_between(topic, offset, end) <= options_.retention_bytes_max; });
}

std::uint64_t Retention::bytes_between(Table topic, std::int64_t from, std::int64_t to) const {
  const std::string start = number_key(static_cast<std::uint64_t>(from));
  const std::string limit = number_key(static_cast<std::uint64_t>(to));
  const rocksdb::Range range(start, limit);
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  std::uint64_t bytes = 0;
  database_.db().GetApproximateSizes(options, database_.table(topic), &range, 1, &bytes).PermitUncheckedError();
  return bytes;
}

}  // namespace message_service::embedded
