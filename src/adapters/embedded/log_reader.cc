#include "adapters/embedded/log_reader.h"

#include <algorithm>
#include <utility>

#include "adapters/embedded/store/store_batch.h"

namespace message_service::embedded {

EmbeddedLogReader::EmbeddedLogReader(MessageLog& log, Database& database)
    : log_(log), database_(database), next_(database.committed_offset()) {}

base::Result<LogReader::Polled> EmbeddedLogReader::poll(std::size_t records_max, base::SteadyTime deadline) {
  TopicEnd& end = log_.end;
  end.wait_until(deadline, [&] { return end.next() > next_ || interrupted_; });
  const std::int64_t to = std::min(end.next(), next_ + static_cast<std::int64_t>(records_max));

  // The newest messages are still in memory; the records before them are on the disk. Messages after a gap wait for the
  // next call.
  auto fresh = log_.tail.take(next_, to);
  auto older = log_.segments->read(next_, fresh.first_offset);
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
  log_.end.wake();
}

base::Result<void> EmbeddedLogReader::commit(const Progress& progress) {
  return database_.update(Database::Durability::soon, [&](StoreBatch& write) -> base::Result<void> {
    write.commit(progress);
    return {};
  });
}

std::vector<PartitionLag> EmbeddedLogReader::lag() const {
  // The end is read last: it only grows, so the difference never wraps.
  const std::int64_t committed = database_.committed_offset();
  return {{.partition = 0, .records = static_cast<std::uint64_t>(log_.end.next() - committed)}};
}

}  // namespace message_service::embedded
