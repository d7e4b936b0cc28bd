// LogWriter with group commit: whatever requests wait while one synced write is under way share the next one.
//
// One thread of its own does all writing and calls the handlers. append() takes a mutex for a few instructions.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/embedded/database.h"
#include "adapters/embedded/embedded.h"
#include "base/clock.h"
#include "ports/log_writer.h"

namespace message_service::embedded {

class GroupCommitWriter final : public LogWriter {
 public:
  GroupCommitWriter(Database& database, const Options& options);
  ~GroupCommitWriter() override;

  void append(LogRecord record, Handler handler) override;
  void append_message(std::shared_ptr<const Admitted> message, Handler handler) override;
  void drain() override;

 private:
  // A message, whose record is made when it is written, or a record that came as such.
  struct Waiting {
    std::shared_ptr<const Admitted> message;
    std::unique_ptr<const LogRecord> record;
    Handler handler;
  };

  static std::size_t bytes_of(const Waiting& waiting);
  void append(Waiting waiting);
  std::optional<base::Error> refusal(std::size_t bytes);
  bool would_wait_too_long();
  void run();
  std::vector<Waiting> next_group();
  void write_group(std::vector<Waiting>& group);
  void stage(const std::vector<Waiting>& group, SegmentedLog& log);
  void hand_on(std::vector<Waiting>& group, std::int64_t first);

  Database& database_;
  const std::size_t records_max_;
  const std::size_t bytes_max_;
  const std::size_t group_records_max_;
  const std::int64_t lag_records_max_;
  const std::chrono::milliseconds queue_wait_max_;
  const std::size_t batch_records_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> queue_;
  std::size_t queued_bytes_ = 0;
  std::optional<base::SteadyTime> crowded_since_;  // since when more than a batch waits without a break
  std::optional<base::SteadyTime> write_began_;    // of the group that is written now
  base::SteadyClock::duration write_took_{};       // the last one
  bool draining_ = false;

  // Of the writing thread.
  std::size_t last_group_records_ = 0;
  LogRecord record_;  // of the message that is staged

  std::mutex join_mutex_;  // drain() may be called by two
  std::thread thread_;
};

}  // namespace message_service::embedded
