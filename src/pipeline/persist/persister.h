// The second stage: reads the log, sorts, batches and commits, for ever and in order.
//
// Owned by the service; runs on one thread of its own from start() to stop(). It tries a failed commit again, with the
// same batch, until it succeeds; nothing overtakes the batch. A partition whose next record needs a newer program stops
// there, and the others go on. The thread never waits for a next message to look at the clock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "model/limits.h"
#include "observe/message_traces.h"
#include "observe/metrics.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/persist/batcher.h"
#include "pipeline/persist/committer.h"
#include "pipeline/persist/open_dead_letters.h"
#include "pipeline/persist/record_classifier.h"
#include "pipeline/persist/record_versions.h"
#include "pipeline/persist/waiting_partitions.h"
#include "ports/event_log.h"
#include "ports/log_reader.h"
#include "ports/log_writer.h"
#include "ports/store.h"
#include "ports/store_reader.h"

namespace message_service {

class Persister {
 public:
  struct Parts {
    LogReader& log;
    LogWriter& log_writer;
    EventLog& events;
    Store& store;
    StoreReader& store_reader;
    ConversationDirectory& conversations;
    Metrics& metrics;
    RecordVersions versions{};
    const MessageTraces& traces = MessageTraces::off();
  };
  struct Options {
    Batcher::Options batching;
    Limits limits;
    std::string store_name;   // for log lines
    bool empties_log = true;  // at the end; where other nodes store the rest, only the records read are finished
    DeadLetterOrder dead_letter_order = DeadLetterOrder::pass;
  };

  Persister(const Parts& parts, Options options);
  ~Persister();

  void start();

  // Stores the records that it has read, and the rest of the log where no other node will, for at most the given time;
  // then ends the thread. Idempotent.
  void stop(std::chrono::milliseconds drain_timeout);

  // The partitions that this program is too old for, and where each one stops. Any thread.
  std::vector<WaitingPartition> waiting() const { return waiting_.all(); }

 private:
  void run();
  bool read();
  bool learn_open_dead_letters();
  void show_open_dead_letters();
  struct Taken {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };
  Taken sort(std::vector<ConsumedRecord> records);  // returns how much of them the batch has taken
  void stop_at(const ConsumedRecord& consumed);
  void flush(FlushReason reason);
  void gather(std::chrono::milliseconds wait);
  void clear();
  void report(const Committed& committed) const;
  bool pause(std::chrono::milliseconds wait);
  bool out_of_time() const;

  LogReader& log_;
  Committer committer_;
  Metrics& metrics_;
  const MessageTraces& traces_;
  const Options options_;

  OpenDeadLetters open_dead_letters_;
  RecordClassifier classifier_;
  WaitingPartitions waiting_;
  std::uint64_t shown_open_dead_letters_ = 0;
  Batcher batcher_;
  Batch batch_;
  base::Backoff backoff_{std::chrono::milliseconds(20), std::chrono::milliseconds(5000)};

  std::mutex mutex_;
  std::condition_variable stop_;
  std::atomic<bool> stopping_ = false;
  std::atomic<base::SteadyTime> drain_until_{base::SteadyTime::max()};
  std::thread thread_;
};

}  // namespace message_service
