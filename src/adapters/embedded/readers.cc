#include "adapters/embedded/readers.h"

#include <iterator>

#include "adapters/embedded/topic_reader.h"

namespace message_service::embedded {

EmbeddedLogReader::EmbeddedLogReader(Database& database) : database_(database), next_(database.committed_offset()) {}

Result<std::vector<ConsumedRecord>> EmbeddedLogReader::poll(std::size_t records_max, SteadyTime deadline) {
  TopicEnd& end = database_.end(Table::requested);
  end.wait_until(deadline, [&] { return end.next() > next_ || interrupted_; });
  auto records = read_topic(database_, Table::requested, next_, end.next(), records_max);
  if (records) next_ += static_cast<std::int64_t>(records->size());
  return records;
}

void EmbeddedLogReader::interrupt() {
  interrupted_ = true;
  database_.end(Table::requested).wake();
}

std::uint64_t EmbeddedLogReader::lag() const {
  // The end is read last: it only grows, so the difference never wraps.
  const std::int64_t committed = database_.committed_offset();
  return static_cast<std::uint64_t>(database_.end(Table::requested).next() - committed);
}

EmbeddedEventSource::EmbeddedEventSource(Database& database)
    : database_(database), next_sent_(database.end(Table::sent).next()), next_dead_(database.end(Table::dead).next()) {}

Result<std::vector<EventRecord>> EmbeddedEventSource::poll(std::size_t records_max, SteadyTime deadline) {
  // Every commit wakes the sent topic, also one that only holds dead letters.
  TopicEnd& sent_end = database_.end(Table::sent);
  const TopicEnd& dead_end = database_.end(Table::dead);
  sent_end.wait_until(deadline,
                      [&] { return sent_end.next() > next_sent_ || dead_end.next() > next_dead_ || interrupted_; });
  std::vector<EventRecord> events;
  auto sent = read(Table::sent, EventKind::sent, next_sent_, records_max, events);
  if (!sent) return sent.error();
  auto dead = read(Table::dead, EventKind::rejected, next_dead_, records_max - events.size(), events);
  if (!dead) return dead.error();
  next_sent_ = *sent;
  next_dead_ = *dead;
  return events;
}

Result<std::int64_t> EmbeddedEventSource::read(Table topic, EventKind kind, std::int64_t from, std::size_t records_max,
                                               std::vector<EventRecord>& out) {
  auto records = read_topic(database_, topic, from, database_.end(topic).next(), records_max);
  if (!records) return records.error();
  for (ConsumedRecord& consumed : *records) out.push_back({kind, std::move(consumed.record)});
  return from + static_cast<std::int64_t>(records->size());
}

void EmbeddedEventSource::interrupt() {
  interrupted_ = true;
  database_.end(Table::sent).wake();
}

}  // namespace message_service::embedded
