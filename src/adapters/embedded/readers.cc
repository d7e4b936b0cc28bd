#include "adapters/embedded/readers.h"

#include <algorithm>
#include <iterator>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/sent_entry.h"
#include "adapters/embedded/store_batch.h"
#include "adapters/embedded/topic_reader.h"
#include "wire/event_json.h"

namespace message_service::embedded {

EmbeddedLogReader::EmbeddedLogReader(Database& database) : database_(database), next_(database.committed_offset()) {}

Result<LogReader::Polled> EmbeddedLogReader::poll(std::size_t records_max, SteadyTime deadline) {
  TopicEnd& end = database_.end(Table::requested);
  end.wait_until(deadline, [&] { return end.next() > next_ || interrupted_; });
  const std::int64_t to = std::min(end.next(), next_ + static_cast<std::int64_t>(records_max));

  // What was written a moment ago is still in memory; what comes before that is on the disk.
  auto fresh = database_.fresh_records().take(next_, to);
  auto records = read_topic(database_, Table::requested, next_, fresh.first_offset);
  if (!records) return records.error();
  std::int64_t offset = fresh.first_offset;
  for (const std::string& bytes : fresh.records) {
    auto record = decode_record(bytes);
    if (!record) return record.error();
    records->push_back({{.partition = 0, .offset = offset++}, std::move(*record)});
  }
  next_ += static_cast<std::int64_t>(records->size());
  return Polled{.records = std::move(*records)};
}

void EmbeddedLogReader::interrupt() {
  interrupted_ = true;
  database_.end(Table::requested).wake();
}

Result<void> EmbeddedLogReader::commit(const Progress& progress) {
  const std::scoped_lock lock(database_.store_mutex());
  StoreBatch write(database_, wall_now());
  write.commit(progress);
  return write.write(Database::Durability::soon);
}

std::vector<PartitionLag> EmbeddedLogReader::lag() const {
  // The end is read last: it only grows, so the difference never wraps.
  const std::int64_t committed = database_.committed_offset();
  return {{.partition = 0, .records = static_cast<std::uint64_t>(database_.end(Table::requested).next() - committed)}};
}

EmbeddedEventSource::EmbeddedEventSource(Database& database)
    : database_(database), next_sent_(database.end(Table::sent).next()), next_dead_(database.end(Table::dead).next()) {}

bool EmbeddedEventSource::at_end() const {
  return database_.end(Table::sent).next() == next_sent_ && database_.end(Table::dead).next() == next_dead_;
}

Result<EventSource::Polled> EmbeddedEventSource::poll(std::size_t records_max, SteadyTime deadline,
                                                      const Interest& wanted) {
  // Every commit wakes the sent topic, also one that only holds dead letters.
  database_.end(Table::sent).wait_until(deadline, [&] { return !at_end() || interrupted_; });
  const auto most = static_cast<std::int64_t>(records_max);
  std::vector<Event> events;
  const std::int64_t sent_end = std::min(database_.end(Table::sent).next(), next_sent_ + most);
  if (auto read = read_sent(sent_end, wanted, events); !read) return read.error();
  const std::int64_t dead_end = std::min(database_.end(Table::dead).next(), next_dead_ + most);
  if (auto read = read_dead(dead_end, wanted, events); !read) return read.error();
  return Polled{.events = std::move(events)};
}

Result<void> EmbeddedEventSource::read_sent(std::int64_t to, const Interest& wanted, std::vector<Event>& events) {
  auto entries = read_raw(database_, Table::sent, next_sent_, to);
  if (!entries) return entries.error();
  for (const std::string& bytes : *entries) {
    const auto entry = decode_sent_entry(bytes);
    if (!entry) return entry.error();
    if (!wanted(entry->conversation_id)) continue;
    auto stored = read_sent_message(database_, *entry);
    if (!stored) return stored.error();
    events.emplace_back(MessageSent(std::move(*stored)));
  }
  next_sent_ = to;
  return {};
}

Result<void> EmbeddedEventSource::read_dead(std::int64_t to, const Interest& wanted, std::vector<Event>& events) {
  const auto records = read_topic(database_, Table::dead, next_dead_, to);
  if (!records) return records.error();
  for (const ConsumedRecord& consumed : *records) {
    auto rejected = wire::read_rejection(consumed.record);
    if (rejected && wanted(rejected->conversation_id)) events.emplace_back(std::move(*rejected));
  }
  next_dead_ = to;
  return {};
}

void EmbeddedEventSource::interrupt() {
  interrupted_ = true;
  database_.end(Table::sent).wake();
}

}  // namespace message_service::embedded
