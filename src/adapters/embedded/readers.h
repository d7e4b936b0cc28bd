// The two reading ends of the embedded log: the persister's, which starts at the committed position, and the fan-out's,
// which starts at the end. Each belongs to one thread; interrupt() may come from any.
#pragma once

#include <atomic>

#include "adapters/embedded/database.h"
#include "ports/event_source.h"
#include "ports/log_reader.h"

namespace message_service::embedded {

class EmbeddedLogReader final : public LogReader {
 public:
  explicit EmbeddedLogReader(Database& database);
  Result<std::vector<ConsumedRecord>> poll(std::size_t records_max, SteadyTime deadline) override;
  void interrupt() override;
  std::uint64_t lag() const override;

 private:
  Database& database_;
  std::int64_t next_;
  std::atomic<bool> interrupted_ = false;
};

// Sent and rejected events of one conversation keep their order among themselves, not between the two.
class EmbeddedEventSource final : public EventSource {
 public:
  explicit EmbeddedEventSource(Database& database);
  Result<std::vector<EventRecord>> poll(std::size_t records_max, SteadyTime deadline) override;
  void interrupt() override;

  // The first sent event that the fan-out has not read yet: retention must leave it. Any thread.
  std::int64_t next_sent() const { return next_sent_; }

 private:
  Result<std::int64_t> read(Table topic, EventKind kind, std::int64_t from, std::size_t records_max,
                            std::vector<EventRecord>& out);

  Database& database_;
  std::atomic<std::int64_t> next_sent_;
  std::int64_t next_dead_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace message_service::embedded
