// For tests of commits: a real store, topics of events and log, which break at a step that a test names.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "ports/event_log.h"
#include "ports/log_reader.h"
#include "ports/store.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service {

// Where a commit ends as if the process had died there.
enum class Step { none, store, publish, move };

// A real store, topics of events and log, of which one step does not happen, or happens and does not say so.
class Breaking final : public Store, public EventLog, public LogReader {
 public:
  Breaking(embedded::TemporaryEmbedded& store, embedded::TemporaryEmbedded& log)
      : store_(store->store_for_other_log()), events_(log->event_log()), log_(log->log_reader()) {}

  std::atomic<Step> step = Step::none;
  std::atomic<bool> takes_effect = false;
  std::atomic<int> broken = 0;

  base::Result<Committed> commit(const Batch& batch) override {
    return at<Committed>(Step::store, [&] { return store_.commit(batch); });
  }
  base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& letters) override {
    return at<void>(Step::publish, [&] { return events_.publish(sent, letters); });
  }
  base::Result<void> commit(const Progress& progress) override {
    return at<void>(Step::move, [&] { return log_.commit(progress); });
  }

  base::Result<WriteOutcome> write(const Admitted& message) override { return store_.write(message); }
  base::Result<Conversation> create_conversation(const Conversation& it) override {
    return store_.create_conversation(it);
  }
  base::Result<void> trim_canary(std::size_t rows_max) override { return store_.trim_canary(rows_max); }
  base::Result<void> revoke(const Revocation& it) override { return store_.revoke(it); }
  base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override {
    return events_.find_dead_letters(origins);
  }
  base::Result<Polled> poll(std::size_t most, base::SteadyTime deadline) override { return log_.poll(most, deadline); }
  void interrupt() override { log_.interrupt(); }
  std::vector<PartitionLag> lag() const override { return log_.lag(); }

 private:
  template <class T, class Do>
  base::Result<T> at(Step here, Do act) {
    if (step != here) return act();
    ++broken;
    if (takes_effect) {
      if (auto done = act(); !done) return done.error();
    }
    return base::Error{base::ErrorCode::unavailable, "the process dies here"};
  }

  Store& store_;
  EventLog& events_;
  LogReader& log_;
};

}  // namespace message_service
