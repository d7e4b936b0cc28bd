// LogWriter with group commit: whatever requests wait while one synced write is under way share the next one.
//
// One thread of its own does all writing and calls the handlers. append() takes a mutex for a few instructions. The
// thread also looks after the store, which lies on the same disk and must not compete with the log for its syncs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/embedded/folder/disk_health.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/log/append_options.h"
#include "adapters/embedded/log/message_log.h"
#include "base/clock.h"
#include "ports/log_writer.h"

namespace message_service::embedded {

class GroupCommitWriter final : public LogWriter {
 public:
  // What the writer asks of the store, which it does not know.
  struct Store {
    std::function<std::int64_t()> committed_offset;  // of the first record that is not stored; from any thread
    std::function<void()> sync;                      // on the writing thread, when nothing is appended
    std::function<void()> heal;                      // on the writing thread, while the disk is sick
  };

  // All of them outlive it.
  GroupCommitWriter(MessageLog& log, DurabilityMark& mark, DiskHealth& disk, Store store, const AppendOptions& options);
  ~GroupCommitWriter() override;

  void append(std::shared_ptr<const Admitted> message, Handler handler) override;
  void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) override;
  void drain() override;

 private:
  // A message, whose record is made when it is written, or a record that came as such.
  struct Waiting {
    std::shared_ptr<const Admitted> message;
    std::unique_ptr<const LogRecord> record;
    Handler handler;
  };

  static std::size_t bytes_of(const Waiting& waiting);
  void enqueue(Waiting waiting);
  std::optional<base::Error> refusal(std::size_t bytes);
  bool would_wait_too_long();
  void run();
  std::vector<Waiting> next_group();
  void write_group(std::vector<Waiting>& group);
  base::Result<void> make_durable(const std::vector<Waiting>& group);
  void stage(const std::vector<Waiting>& group);
  void heal();
  void hand_on(std::vector<Waiting>& group, std::int64_t first);

  MessageLog& log_;
  DurabilityMark& mark_;
  DiskHealth& disk_;
  const Store store_;
  const AppendOptions options_;

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
