// EventSource on the topics of the store. It begins at their end. One thread; interrupt() and next_sent() from any
// thread.
#pragma once

#include <atomic>

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/event_source.h"

namespace message_service::embedded {

// Sent events of one conversation keep their order, and rejected events keep theirs; the two kinds may be interleaved
// in any order.
class EmbeddedEventSource final : public EventSource {
 public:
  EmbeddedEventSource(Database& database, Damage& damage);
  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline, const Interest& wanted) override;
  void interrupt() override;
  bool at_end() const override;

  // The first sent event that the fan-out has not read yet: retention must keep it. Any thread.
  std::int64_t next_sent() const { return next_sent_; }

 private:
  base::Result<void> read_sent(std::int64_t to, const Interest& wanted, Polled& polled);
  base::Result<void> read_dead(std::int64_t to, std::vector<Event>& events);
  static void add_rejections(const std::vector<ConsumedRecord>& records, std::vector<Event>& events);

  Database& database_;
  Damage& damage_;
  std::atomic<std::int64_t> next_sent_;
  std::int64_t next_dead_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace message_service::embedded
