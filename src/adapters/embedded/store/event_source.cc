#include "adapters/embedded/store/event_source.h"

#include <algorithm>

#include "adapters/embedded/store/sent_reader.h"
#include "adapters/embedded/store/topic_reader.h"
#include "wire/event_json.h"

namespace message_service::embedded {

EmbeddedEventSource::EmbeddedEventSource(Database& database, Damage& damage)
    : database_(database),
      damage_(damage),
      next_sent_(database.end(Table::sent).next()),
      next_dead_(database.end(Table::dead).next()) {}

bool EmbeddedEventSource::at_end() const {
  return database_.end(Table::sent).next() == next_sent_ && database_.end(Table::dead).next() == next_dead_;
}

base::Result<EventSource::Polled> EmbeddedEventSource::poll(std::size_t records_max, base::SteadyTime deadline,
                                                            const Interest& wanted) {
  // Every commit wakes the waiters of the sent topic, also a commit that only holds dead letters.
  database_.end(Table::sent).wait_until(deadline, [&] { return !at_end() || interrupted_; });
  const auto most = static_cast<std::int64_t>(records_max);
  Polled polled;
  const std::int64_t sent_end = std::min(database_.end(Table::sent).next(), next_sent_ + most);
  if (auto read = read_sent(sent_end, wanted, polled); !read) return read.error();
  const std::int64_t dead_end = std::min(database_.end(Table::dead).next(), next_dead_ + most);
  if (auto read = read_dead(dead_end, polled.events); !read) return read.error();
  // Only when both are read: the next poll() reads the events again that a failure has discarded.
  next_sent_ = sent_end;
  next_dead_ = dead_end;
  return polled;
}

// Leaves out unreadable events and sends the clients to the store: for one message the clients of its conversation, for
// a row that names no message all clients.
base::Result<void> EmbeddedEventSource::read_sent(std::int64_t to, const Interest& wanted, Polled& polled) {
  if (next_sent_ >= to) return {};
  SentReader reader(database_.db(), database_.table(Table::sent), next_sent_);
  for (std::int64_t offset = next_sent_; offset < to; ++offset) {
    const auto event = reader.next();
    if (!event && event.error().code != base::ErrorCode::corrupt) return event.error();
    if (!event || !*event || (*event)->offset != offset) {
      damage_.left_out("events", "sent events from offset " + std::to_string(offset) + " to " + std::to_string(to - 1) +
                                     ": " + (event ? "a row is missing" : event.error().text));
      polled.gap = true;
      return {};
    }
    const SentEntry& entry = (*event)->entry;
    if (!wanted(entry.conversation_id)) continue;
    auto stored = read_sent_message(database_, entry);
    if (stored) {
      polled.events.emplace_back(MessageSent(std::move(*stored)));
    } else if (stored.error().code == base::ErrorCode::corrupt) {
      damage_.left_out("events", "the sent event at offset " + std::to_string(offset) + ": " + stored.error().text);
      polled.unreadable_in.emplace_back(entry.conversation_id);
    } else {
      return stored.error();
    }
  }
  return {};
}

base::Result<void> EmbeddedEventSource::read_dead(std::int64_t to, std::vector<Event>& events) {
  for (std::int64_t from = next_dead_; from < to;) {
    auto records = read_topic(database_, Table::dead, from, to);
    // One by one, to pass the record that cannot be read.
    const bool damaged = !records && records.error().code == base::ErrorCode::corrupt;
    const std::int64_t end = damaged ? from + 1 : to;
    if (damaged) records = read_topic(database_, Table::dead, from, end);
    if (!records && records.error().code != base::ErrorCode::corrupt) return records.error();
    if (records) {
      add_rejections(*records, events);
    } else {
      damage_.left_out("events", "the dead letter at offset " + std::to_string(from) + ": " + records.error().text);
    }
    from = end;
  }
  return {};
}

void EmbeddedEventSource::add_rejections(const std::vector<ConsumedRecord>& records, std::vector<Event>& events) {
  for (const ConsumedRecord& consumed : records) {
    auto rejected = wire::read_rejection(consumed.record);
    if (rejected) events.emplace_back(std::move(*rejected));
  }
}

void EmbeddedEventSource::interrupt() {
  interrupted_ = true;
  database_.end(Table::sent).wake();
}

}  // namespace message_service::embedded
