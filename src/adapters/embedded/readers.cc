#include "adapters/embedded/readers.h"

#include <algorithm>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/sent_reader.h"
#include "adapters/embedded/store_batch.h"
#include "adapters/embedded/topic_reader.h"
#include "wire/event_json.h"

namespace message_service::embedded {

EmbeddedLogReader::EmbeddedLogReader(Database& database) : database_(database), next_(database.committed_offset()) {}

Result<LogReader::Polled> EmbeddedLogReader::poll(std::size_t records_max, SteadyTime deadline) {
  TopicEnd& end = database_.log_end();
  end.wait_until(deadline, [&] { return end.next() > next_ || interrupted_; });
  const std::int64_t to = std::min(end.next(), next_ + static_cast<std::int64_t>(records_max));

  // What was written a moment ago is still in memory; what comes before that is on the disk. What is not in one piece
  // with either is for the next time.
  auto fresh = database_.fresh_messages().take(next_, to);
  auto older = database_.log().read(next_, fresh.first_offset);
  if (!older) return older.error();
  Polled polled;
  polled.records.reserve(older->size() + fresh.messages.size());
  const auto next_position = [this] { return Position{.partition = 0, .offset = next_++}; };
  for (LogRecord& record : *older) polled.records.push_back({next_position(), std::move(record)});
  for (auto& message : fresh.messages) polled.records.push_back({next_position(), {}, std::move(message)});
  return polled;
}

void EmbeddedLogReader::interrupt() {
  interrupted_ = true;
  database_.log_end().wake();
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
  return {{.partition = 0, .records = static_cast<std::uint64_t>(database_.log_end().next() - committed)}};
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
  if (auto read = read_dead(dead_end, events); !read) return read.error();
  // Only when both are read: what a failure throws away is read again.
  next_sent_ = sent_end;
  next_dead_ = dead_end;
  return Polled{.events = std::move(events)};
}

Result<void> EmbeddedEventSource::read_sent(std::int64_t to, const Interest& wanted, std::vector<Event>& events) {
  if (next_sent_ >= to) return {};
  SentReader reader(database_.db(), database_.table(Table::sent), next_sent_);
  for (std::int64_t offset = next_sent_; offset < to; ++offset) {
    const auto event = reader.next();
    if (!event) return event.error();
    if (!*event || (*event)->offset != offset) {
      return Error{ErrorCode::corrupt, "there is no sent event at offset " + std::to_string(offset)};
    }
    const SentEntry& entry = (*event)->entry;
    if (!wanted(entry.conversation_id)) continue;
    auto stored = read_sent_message(database_, entry);
    if (!stored) return stored.error();
    events.emplace_back(MessageSent(std::move(*stored)));
  }
  return {};
}

Result<void> EmbeddedEventSource::read_dead(std::int64_t to, std::vector<Event>& events) {
  const auto records = read_topic(database_, Table::dead, next_dead_, to);
  if (!records) return records.error();
  for (const ConsumedRecord& consumed : *records) {
    auto rejected = wire::read_rejection(consumed.record);
    if (rejected) events.emplace_back(std::move(*rejected));
  }
  return {};
}

void EmbeddedEventSource::interrupt() {
  interrupted_ = true;
  database_.end(Table::sent).wake();
}

}  // namespace message_service::embedded
